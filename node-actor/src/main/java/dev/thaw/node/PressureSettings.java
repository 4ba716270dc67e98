package dev.thaw.node;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;
import java.time.Duration;

/**
 * How often a node's pressure is read.
 *
 * @param interval between two reports
 */
record PressureSettings(Duration interval) {
  private static final String PATH = "thaw.node.pressure";

  PressureSettings {
    Bounds.check(PATH + ".interval", interval, Duration.ofMillis(100), Duration.ofMinutes(1));
  }

  /** From the node's configuration. */
  static PressureSettings from(Config root) {
    return new PressureSettings(Keys.of(root, PATH).duration("interval"));
  }
}
