package dev.thaw.persistence;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;
import java.time.Duration;

/**
 * How the H2 journal is used.
 *
 * @param cacheBytes of pages of the file that are kept in memory
 * @param connectionTimeout how long a write or a read may wait for a connection
 */
public record JournalSettings(long cacheBytes, Duration connectionTimeout) {
  private static final String PATH = "thaw.persistence.h2";
  private static final long MIB = 1 << 20;

  public JournalSettings {
    Bounds.check(PATH + ".cache", cacheBytes, MIB, 256 * MIB);
    Bounds.check(
        PATH + ".connection-timeout",
        connectionTimeout,
        Duration.ofMillis(250),
        Duration.ofMinutes(1));
  }

  /** From a configuration that holds this module's keys. */
  public static JournalSettings from(Config root) {
    Keys keys = Keys.of(root, PATH);
    return new JournalSettings(keys.bytes("cache"), keys.duration("connection-timeout"));
  }
}
