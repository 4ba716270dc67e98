package dev.thaw.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds where latency stops falling: what {@code until: plateau} of a policy means, and where
 * {@code thaw trace} says that a server is warm. Answers are taken in windows; a window whose
 * median is not lower than the one's before by more than the tolerance has not fallen. Two such
 * windows in a row are the plateau: one may be a lull, as between two compilations. Pure, apart
 * from what it is told.
 */
public final class LatencyPlateau {
  private static final int IN_A_ROW = 2;
  private static final long NONE = -1;

  private final int window;
  private final double tolerance;
  private final List<Long> current = new ArrayList<>();
  private long before = NONE;
  private int flat;
  private int heard;

  /**
   * @param window answers per median, at least 1
   * @param tolerance a share: a fall by no more than this is none
   */
  public LatencyPlateau(int window, double tolerance) {
    this.window = window;
    this.tolerance = tolerance;
  }

  /** Hears the next answer's latency; true once the plateau is reached, and from then on. */
  public boolean reachedWith(long latencyNanos) {
    if (flat >= IN_A_ROW) {
      return true;
    }
    heard++;
    current.add(latencyNanos);
    if (current.size() == window) {
      long median = lowerMedian(current);
      flat = before != NONE && median >= before * (1 - tolerance) ? flat + 1 : 0;
      before = median;
      current.clear();
    }
    return flat >= IN_A_ROW;
  }

  /** How many answers it took; 0 while it is not reached. */
  public int after() {
    return flat >= IN_A_ROW ? heard : 0;
  }

  /** How many answers came before it: the first window that no later one fell below is on it. */
  public int begin() {
    return Math.max(0, after() - (IN_A_ROW + 1) * window);
  }

  private static long lowerMedian(List<Long> values) {
    return values.stream().sorted().toList().get((values.size() - 1) / 2);
  }
}
