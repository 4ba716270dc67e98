package dev.thaw.app.trace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Decides from which request on a server is as fast as it gets: three windows in a row whose
 * medians lie within a sixth of each other, or within 100 us where that is more. Pure.
 */
final class Plateau {
  /** Requests in a window. */
  static final int WINDOW = 20;

  private static final int WINDOWS = 3;
  private static final double CLOSE = 1.0 / 6;
  private static final int MANY_TIMES = 3;
  private static final long CLOSE_ENOUGH_NANOS = 100_000;

  private Plateau() {}

  /**
   * The index of the first request of the plateau, or -1 while there is none.
   *
   * @param latencies in order, nanoseconds
   */
  static int begin(List<Long> latencies) {
    List<Long> medians = medians(latencies);
    for (int first = 0; first + WINDOWS <= medians.size(); first++) {
      List<Long> row = medians.subList(first, first + WINDOWS);
      long lowest = Collections.min(row);
      if (Collections.max(row) - lowest <= Math.max(CLOSE_ENOUGH_NANOS, CLOSE * lowest)) {
        return afterLastSlow(latencies, first * WINDOW, lowest);
      }
    }
    return -1;
  }

  /** A window's median hides the slow ones among its first: the plateau begins behind them. */
  private static int afterLastSlow(List<Long> latencies, int from, long usual) {
    for (int i = from + WINDOW - 1; i >= from; i--) {
      if (latencies.get(i) > MANY_TIMES * usual + CLOSE_ENOUGH_NANOS) {
        return i + 1;
      }
    }
    return from;
  }

  private static List<Long> medians(List<Long> latencies) {
    var medians = new ArrayList<Long>();
    for (int from = 0; from + WINDOW <= latencies.size(); from += WINDOW) {
      medians.add(Quantiles.of(latencies.subList(from, from + WINDOW), 0.5));
    }
    return medians;
  }
}
