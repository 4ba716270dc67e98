package dev.thaw.coordinator.local;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;
import java.time.Duration;

/**
 * How local processes are listed and ended.
 *
 * @param list between two complete lists
 * @param grace between SIGTERM and SIGKILL
 * @param drain how long a process that is ended waits for its traffic to be gone
 */
public record LocalSettings(Duration list, Duration grace, Duration drain) {
  private static final String PATH = "thaw.coordinator.local";

  public LocalSettings {
    Bounds.check(PATH + ".list", list, Duration.ofSeconds(1), Duration.ofMinutes(1));
    Bounds.check(PATH + ".grace", grace, Duration.ZERO, Duration.ofMinutes(10));
    Bounds.check(PATH + ".drain", drain, Duration.ofMillis(100), Duration.ofMinutes(1));
  }

  /** From the coordinator's configuration. */
  public static LocalSettings from(Config root) {
    Keys keys = Keys.of(root, PATH);
    return new LocalSettings(keys.duration("list"), keys.duration("grace"), keys.duration("drain"));
  }
}
