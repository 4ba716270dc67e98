package dev.thaw.app.demo;

import dev.thaw.config.WarmupPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How much evidence a rung rests on: no error in n requests leaves room for an error rate of 3/n.
 *
 * @param holdSeconds the demo's
 * @param defaultHoldSeconds the product's, for a rung of the same weight
 * @param seen requests of a newborn on this rung in this run; the fewest of several births
 * @param expected by the users' rate, the rung's share and its hold
 */
record Gate(
    int weight,
    double holdSeconds,
    OptionalDouble defaultHoldSeconds,
    int minRequests,
    OptionalInt seen,
    double expected) {

  /** The ladder's gates, with what births have shown of them. */
  static List<Gate> of(
      WarmupPolicy.Birth ladder, WarmupPolicy.Birth shipped, Collection<Analysis.Judged> births) {
    var gates = new ArrayList<Gate>();
    for (WarmupPolicy.Rung rung : ladder.ladder()) {
      Optional<WarmupPolicy.Rung> same =
          shipped.ladder().stream().filter(each -> each.weight() == rung.weight()).findFirst();
      double hold = rung.hold().toMillis() / 1e3;
      double share = rung.weight() / (100.0 * Session.WARM + rung.weight());
      gates.add(
          new Gate(
              rung.weight(),
              hold,
              same.isPresent()
                  ? OptionalDouble.of(same.get().hold().toMillis() / 1e3)
                  : OptionalDouble.empty(),
              rung.minRequests(),
              seen(rung.weight(), births),
              Session.RATE * share * hold));
    }
    return gates;
  }

  /** The last rung is given at once and only watched: its births do not end with its hold. */
  private static OptionalInt seen(int weight, Collection<Analysis.Judged> births) {
    var counts = new ArrayList<Integer>();
    for (Analysis.Judged one : births) {
      for (int i = 0; i + 1 < one.birth().rungs().size(); i++) {
        boolean climbed =
            one.birth().rungs().get(i + 1).weight() > one.birth().rungs().get(i).weight();
        if (climbed && one.birth().rungs().get(i).weight() == weight) {
          counts.add(one.rungRequests().get(i));
        }
      }
    }
    return counts.stream().mapToInt(Integer::intValue).min();
  }

  double n() {
    return seen.isPresent() ? seen.getAsInt() : expected;
  }

  /** The error rate that this many requests without an error do not rule out; at most 1. */
  double bound() {
    return n() > 3 ? 3 / n() : 1;
  }

  Map<String, Object> toMap() {
    var map = new LinkedHashMap<String, Object>();
    map.put("weight", weight);
    map.put("hold_s", holdSeconds);
    map.put(
        "default_hold_s", defaultHoldSeconds.isPresent() ? defaultHoldSeconds.getAsDouble() : null);
    map.put("min_requests", minRequests);
    map.put("n", Figures.rounded(n()));
    map.put("n_seen", seen.isPresent());
    map.put("bound_3_over_n", Math.round(bound() * 1e4) / 1e4);
    return map;
  }
}
