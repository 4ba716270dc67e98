package dev.thaw.coordinator.local;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;
import java.time.Duration;

/**
 * How often and after which pauses a process that has ended by itself is started again.
 *
 * @param first the first pause; each further one is twice the last
 * @param longest the longest pause
 * @param most restarts within the window
 */
public record RestartSettings(Duration first, Duration longest, int most, Duration window) {
  private static final String PATH = "thaw.coordinator.restart";

  public RestartSettings {
    Bounds.check(PATH + ".first", first, Duration.ofMillis(100), Duration.ofMinutes(1));
    Bounds.check(PATH + ".longest", longest, first, Duration.ofHours(1));
    Bounds.check(PATH + ".most", most, 1, 100);
    Bounds.check(PATH + ".window", window, Duration.ofSeconds(1), Duration.ofHours(24));
  }

  /** From the coordinator's configuration. */
  public static RestartSettings from(Config root) {
    Keys keys = Keys.of(root, PATH);
    return new RestartSettings(
        keys.duration("first"),
        keys.duration("longest"),
        keys.count("most"),
        keys.duration("window"));
  }
}
