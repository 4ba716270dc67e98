package dev.thaw.app.trace;

import dev.thaw.app.trace.Quantiles.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The same start under several limits: figures per cell, and what the start is most sensitive to.
 * Times are nanoseconds from exec to the first 200; a start that did not answer is slower than any
 * that did. Pure.
 */
record Grid(List<Cell> cells, List<LimitEffect> effects, String sentence) {

  /**
   * One start in a cell: when it answered 200, if it did, and how long it was throttled till then.
   */
  record Run(OptionalLong first200, long throttled, boolean killed) {
    /** For ranks: never comes last. */
    long rank() {
      return first200.orElse(NEVER);
    }
  }

  private static final long NEVER = Long.MAX_VALUE;

  /** A quantile, and its interval by order statistics; empty where it is a start without answer. */
  record Quantile(OptionalLong value, OptionalLong low, OptionalLong high, double confidence) {
    static Quantile of(List<Long> ranks, double share) {
      Interval interval = Quantiles.interval(ranks, share);
      return new Quantile(
          time(Quantiles.of(ranks, share)),
          time(interval.low()),
          time(interval.high()),
          interval.confidence());
    }

    private static OptionalLong time(long rank) {
      return rank == NEVER ? OptionalLong.empty() : OptionalLong.of(rank);
    }
  }

  /**
   * One setting.
   *
   * @param cpu such as {@code 400m}, or empty for no limit
   * @param memory such as {@code 2Gi}, or empty
   * @param values of the starts that answered
   * @param failed starts that did not answer in time
   * @param killed of those, for want of memory
   * @param throttled median over all starts
   */
  record Cell(
      String cpu,
      String memory,
      List<Long> values,
      int failed,
      int killed,
      long throttled,
      Quantile p50,
      Quantile p95,
      Quantile p99) {
    static Cell of(String cpu, String memory, List<Run> runs) {
      List<Long> ranks = runs.stream().map(Run::rank).toList();
      List<Long> values = ranks.stream().filter(rank -> rank != NEVER).toList();
      return new Cell(
          cpu,
          memory,
          values,
          runs.size() - values.size(),
          (int) runs.stream().filter(Run::killed).count(),
          Quantiles.of(runs.stream().map(Run::throttled).toList(), 0.5),
          Quantile.of(ranks, 0.5),
          Quantile.of(ranks, 0.95),
          Quantile.of(ranks, 0.99));
    }

    int starts() {
      return values.size() + failed;
    }

    /** One for each start. */
    List<Long> ranks() {
      var ranks = new ArrayList<>(values);
      for (int i = 0; i < failed; i++) {
        ranks.add(NEVER);
      }
      return ranks;
    }
  }

  /** Cells in the order of their limits, smallest first; see {@link Cell#of}. */
  static Grid of(List<Cell> cells) {
    Function<Cell, String> cpu = cell -> cell.cpu();
    Function<Cell, String> memory = cell -> cell.memory();
    var effects = new ArrayList<LimitEffect>();
    boolean both = levels(cells, cpu) > 1 && levels(cells, memory) > 1;
    if (levels(cells, cpu) > 1) {
      effects.add(LimitEffect.of("CPU", cells, cpu, memory, both));
    }
    if (levels(cells, memory) > 1) {
      effects.add(LimitEffect.of("memory", cells, memory, cpu, both));
    }
    effects.sort(Comparator.comparingDouble(LimitEffect::strength).reversed());
    return new Grid(cells, effects, GridWords.sentence(cells, effects));
  }

  private static int levels(List<Cell> cells, Function<Cell, String> level) {
    return (int) cells.stream().map(level).distinct().count();
  }
}
