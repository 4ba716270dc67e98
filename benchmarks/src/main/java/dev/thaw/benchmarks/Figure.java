package dev.thaw.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One figure as it was measured, and what it is held to.
 *
 * @param what the two ends of what was measured, in words
 * @param bound what is promised; empty for a figure that only explains others
 * @param goal what is hoped for beyond the bound
 */
record Figure(
    String name,
    String what,
    String unit,
    Spread.Summary summary,
    Optional<Limit> bound,
    Optional<Limit> goal) {

  /** Which statistic of a figure may be how large at most. */
  record Limit(Statistic statistic, double atMost) {
    boolean metBy(Spread.Summary summary) {
      return statistic.of(summary) <= atMost;
    }

    @Override
    public String toString() {
      return statistic.label + " <= " + Table.number(atMost);
    }
  }

  /** A statistic that promises are made of. */
  enum Statistic {
    MEDIAN("p50"),
    P95("p95"),
    P99("p99"),
    MAX("max");

    private final String label;

    Statistic(String label) {
      this.label = label;
    }

    double of(Spread.Summary summary) {
      return switch (this) {
        case MEDIAN -> summary.p50();
        case P95 -> summary.p95();
        case P99 -> summary.p99();
        case MAX -> summary.max();
      };
    }
  }

  /** A figure that is shown and not judged. */
  static Figure shown(String name, String what, String unit, Spread.Summary summary) {
    return new Figure(name, what, unit, summary, Optional.empty(), Optional.empty());
  }

  Figure bound(Statistic statistic, double atMost) {
    return new Figure(name, what, unit, summary, Optional.of(new Limit(statistic, atMost)), goal);
  }

  Figure goal(Statistic statistic, double atMost) {
    return new Figure(name, what, unit, summary, bound, Optional.of(new Limit(statistic, atMost)));
  }

  /** For JSON; null where there is nothing to say. */
  Map<String, Object> toMap() {
    var map = new LinkedHashMap<String, Object>();
    map.put("name", name);
    map.put("what", what);
    map.put("unit", unit);
    map.put("n", summary.n());
    map.put("min", finite(summary.min()));
    map.put("p50", finite(summary.p50()));
    map.put("p95", finite(summary.p95()));
    map.put("p99", finite(summary.p99()));
    map.put("max", finite(summary.max()));
    map.put("bound", bound.map(Limit::toString).orElse(null));
    map.put("goal", goal.map(Limit::toString).orElse(null));
    map.put("bound_met", bound.map(limit -> limit.metBy(summary)).orElse(null));
    map.put("goal_met", goal.map(limit -> limit.metBy(summary)).orElse(null));
    return map;
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** In a word, whether it keeps what is promised; a dash where nothing is. */
  String met() {
    if (bound.isEmpty()) {
      return "-";
    } else if (!bound.get().metBy(summary)) {
      return "NO";
    }
    return goal.map(limit -> limit.metBy(summary) ? "yes, goal too" : "yes, goal not")
        .orElse("yes");
  }
}
