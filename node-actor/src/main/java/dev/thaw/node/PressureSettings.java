package dev.thaw.node;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How often a node's pressure is read.
 *
 * @param interval between two reports, 100 ms to 1 min
 */
record PressureSettings(Duration interval) {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  PressureSettings {
    if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "thaw.node.pressure.interval: " + interval + " (expected: 100 ms to 1 min)");
    }
  }

  /** From the node's configuration. */
  static PressureSettings from(Config root) {
    return new PressureSettings(root.getDuration("thaw.node.pressure.interval"));
  }
}
