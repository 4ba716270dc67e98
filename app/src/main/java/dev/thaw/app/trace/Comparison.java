package dev.thaw.app.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What got slower between two builds, by their starts' figures. A row is slower when its median
 * grew by more than 3 % and 1 ms and the ranks of all starts say that this is no accident. Two rows
 * decide; the others only explain. Pure.
 */
final class Comparison {
  /** Rows that decide. */
  static final List<String> GATES = List.of(Measures.LISTEN, Measures.FIRST_200);

  /** The chance of a false alarm that is accepted, for the deciding rows together. */
  private static final double ALPHA = 0.05;

  private static final double GROWTH = 0.03;
  private static final long LEAST_GROWTH = 1_000_000;

  private Comparison() {}

  /**
   * One figure before and after.
   *
   * @param chance to see such ranks without a difference
   * @param decides whether it is one of {@link #GATES}
   */
  record Row(
      String name,
      long before,
      long after,
      int runsBefore,
      int runsAfter,
      double chance,
      boolean decides,
      boolean slower) {

    /** As a sentence with both medians. */
    String sentence() {
      return String.format(
          Locale.ROOT,
          "%s %s: %s, was %s (%+.0f %%; n = %d and %d, p = %.3f)",
          name,
          verdict(),
          Words.millis(after),
          Words.millis(before),
          100.0 * (after - before) / Math.max(1, before),
          runsAfter,
          runsBefore,
          chance);
    }

    private String verdict() {
      return slower
          ? "got slower"
          : notable(before, after) ? "was slower, but not beyond chance" : "did not get slower";
    }
  }

  /** A growth that somebody would feel. */
  private static boolean notable(long before, long after) {
    return after - before > Math.max(LEAST_GROWTH, GROWTH * before);
  }

  /**
   * Whether so few starts can show nothing, however clear it is: all ranks apart have the chance of
   * one choice of m out of n + m.
   */
  static boolean tooFew(int runsBefore, int runsAfter) {
    double ways = 1;
    for (int i = 1; i <= runsAfter; i++) {
      ways *= (double) (runsBefore + i) / i;
    }
    return 1 / ways > ALPHA / GATES.size();
  }

  /** Figures that both have, in the order of {@code after}. */
  static List<Row> of(Map<String, List<Long>> before, Map<String, List<Long>> after) {
    var rows = new ArrayList<Row>();
    after.forEach(
        (name, now) -> {
          List<Long> old = before.get(name);
          if (old != null && !old.isEmpty() && !now.isEmpty()) {
            rows.add(row(name, old, now));
          }
        });
    return rows;
  }

  private static Row row(String name, List<Long> old, List<Long> now) {
    double chance = RankTest.chanceOfSlower(old, now);
    boolean decides = GATES.contains(name);
    long before = Quantiles.of(old, 0.5);
    long after = Quantiles.of(now, 0.5);
    // the deciding rows share the accepted chance: two looks must not find an accident because they
    // are two
    boolean clear = chance <= (decides ? ALPHA / GATES.size() : ALPHA);
    return new Row(
        name,
        before,
        after,
        old.size(),
        now.size(),
        chance,
        decides,
        clear && notable(before, after));
  }
}
