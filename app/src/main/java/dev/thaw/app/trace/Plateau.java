package dev.thaw.app.trace;

import dev.thaw.config.LatencyPlateau;
import java.util.List;

/**
 * From which request on a server is as fast as it gets: by the same rule, and the same window and
 * tolerance, that a policy's {@code until: plateau} has if it names no other. Pure.
 */
final class Plateau {
  /** Requests in a window, as in the policy's defaults. */
  static final int WINDOW = 20;

  static final double TOLERANCE = 0.05;

  private static final int MANY_TIMES = 3;
  private static final long CLOSE_ENOUGH_NANOS = 100_000;

  private Plateau() {}

  /**
   * The index of the first request of the plateau, or -1 while there is none.
   *
   * @param latencies in order, nanoseconds
   */
  static int begin(List<Long> latencies) {
    var plateau = new LatencyPlateau(WINDOW, TOLERANCE);
    for (long latency : latencies) {
      if (plateau.reachedWith(latency)) {
        return afterLastSlow(latencies, plateau.begin());
      }
    }
    return -1;
  }

  /** A window's median hides the slow ones among its first: the plateau begins behind them. */
  private static int afterLastSlow(List<Long> latencies, int from) {
    long usual = Quantiles.of(latencies.subList(from, from + WINDOW), 0.5);
    for (int i = from + WINDOW - 1; i >= from; i--) {
      if (latencies.get(i) > MANY_TIMES * usual + CLOSE_ENOUGH_NANOS) {
        return i + 1;
      }
    }
    return from;
  }
}
