package dev.thaw.coordinator.gate;

import dev.thaw.config.WarmupPolicy.Pressure;
import java.util.Map;

/**
 * All that is known about one pod on one rung, since the planes applied that rung's weight.
 *
 * @param metrics whether the policy names a page of counters to scrape at all
 * @param own the pod's user requests
 * @param peers those of its warm peers in the same window, together
 * @param connectFailures connections to it that the kernel saw fail
 * @param answers the latest answer of each query asked for this rung
 * @param pressure on its own control group; without those that the kernel does not tell
 */
public record Evidence(
    Probing probing,
    boolean metrics,
    Window own,
    Window peers,
    long connectFailures,
    Map<String, Answer> answers,
    Map<Pressure, Pressed> pressure) {

  public Evidence {
    answers = Map.copyOf(answers);
    pressure = Map.copyOf(pressure);
  }
}
