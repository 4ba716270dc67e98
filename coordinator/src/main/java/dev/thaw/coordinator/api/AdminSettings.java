package dev.thaw.coordinator.api;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;
import java.time.Duration;

/**
 * How long the admin API waits for others.
 *
 * @param read at most, for what is shown
 * @param verb at most, for what is done
 */
public record AdminSettings(Duration read, Duration verb) {
  private static final String PATH = "thaw.coordinator.admin";
  private static final Duration LONGEST = Duration.ofMinutes(1);

  public AdminSettings {
    Bounds.check(PATH + ".read", read, Duration.ofMillis(100), LONGEST);
    Bounds.check(PATH + ".verb", verb, read, LONGEST);
  }

  /** From the coordinator's configuration. */
  public static AdminSettings from(Config root) {
    Keys keys = Keys.of(root, PATH);
    return new AdminSettings(keys.duration("read"), keys.duration("verb"));
  }
}
