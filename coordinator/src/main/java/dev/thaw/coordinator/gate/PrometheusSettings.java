package dev.thaw.coordinator.gate;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;
import java.time.Duration;

/**
 * How a Prometheus is asked.
 *
 * @param timeout of one query
 */
public record PrometheusSettings(Duration timeout) {
  private static final String PATH = "thaw.coordinator.prometheus";

  public PrometheusSettings {
    Bounds.check(PATH + ".timeout", timeout, Duration.ofMillis(100), Duration.ofMinutes(1));
  }

  /** From the coordinator's configuration. */
  public static PrometheusSettings from(Config root) {
    return new PrometheusSettings(Keys.of(root, PATH).duration("timeout"));
  }
}
