package dev.thaw.coordinator.workload;

import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.coordinator.gate.Pressed;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The pressure on one start's control group: running totals as they came last, and as they were
 * when its present rung began.
 *
 * @param watched since when the rung is watched that {@code base} belongs to
 */
public record Strain(Totals latest, Optional<Totals> base, OptionalLong watched) {

  /**
   * Running totals: microseconds of stalls, or a count.
   *
   * @param arrived on the writer's monotonic clock
   * @param atNanos when they were read, on the node's
   * @param freshNanos how long they may be used
   */
  public record Totals(long arrived, long atNanos, long freshNanos, Map<Pressure, Long> totals) {
    public Totals {
      totals = Map.copyOf(totals);
    }
  }

  /** The first totals of a start. */
  static Strain first(Totals totals, Optional<Watch> watch) {
    return new Strain(totals, Optional.empty(), OptionalLong.empty()).next(totals, watch);
  }

  /** A watch begins with the first totals that come after it was opened. */
  Strain next(Totals totals, Optional<Watch> watch) {
    if (totals.atNanos() < latest.atNanos()) {
      return this;
    } else if (watch.isEmpty() || watched.equals(OptionalLong.of(watch.get().since()))) {
      return new Strain(totals, base, watched);
    }
    return new Strain(totals, Optional.of(totals), OptionalLong.of(watch.get().since()));
  }

  /** Whether this is about that watch, and news. */
  boolean tells(Watch watch, long now) {
    return watched.equals(OptionalLong.of(watch.since()))
        && now - latest.arrived() <= latest.freshNanos();
  }

  /** What has pressed since the last rung began; a total that went back is not told. */
  public Map<Pressure, Pressed> pressed() {
    var pressed = new EnumMap<Pressure, Pressed>(Pressure.class);
    base.filter(from -> latest.atNanos() > from.atNanos())
        .ifPresent(
            from ->
                latest
                    .totals()
                    .forEach(
                        (resource, total) -> {
                          Long before = from.totals().get(resource);
                          if (before != null && total >= before) {
                            pressed.put(
                                resource,
                                new Pressed(
                                    total - before, (latest.atNanos() - from.atNanos()) / 1e9));
                          }
                        }));
    return pressed;
  }
}
