package dev.thaw.coordinator.metrics;

import java.util.HashMap;
import java.util.Map;

/** Turns running totals of others into what they have grown by. One thread. */
final class Growth {
  private final Map<String, Long> seen = new HashMap<>();

  /**
   * What this series has grown by since it was last asked for. The first total is nobody's growth:
   * it grew before anybody looked; one that has gone down began anew.
   */
  long of(String series, long total) {
    Long before = seen.put(series, total);
    if (before == null) {
      return 0;
    }
    return total < before ? total : total - before;
  }
}
