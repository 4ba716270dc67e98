package dev.thaw.app.trace;

import dev.thaw.app.trace.Quantiles.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The same start under several limits: figures per cell, and what the start is most sensitive to.
 * Times are nanoseconds from exec to the first 200. Pure.
 */
record Grid(List<Cell> cells, List<Effect> effects, String sentence) {
  private static final double ALPHA = 0.05;

  /** Three in a hundred: less is nothing to choose a limit by. */
  private static final double NOTABLE = Math.log(1.03);

  /**
   * One start in a cell: when it answered 200, if it did, and how long it was throttled till then.
   */
  record Run(OptionalLong first200, long throttled, boolean killed) {}

  /** A quantile, and its interval by order statistics. */
  record Quantile(long value, long low, long high, double confidence) {
    static Quantile of(List<Long> values, double share) {
      Interval interval = Quantiles.interval(values, share);
      return new Quantile(
          Quantiles.of(values, share), interval.low(), interval.high(), interval.confidence());
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
      List<Long> values =
          runs.stream().flatMapToLong(run -> run.first200().stream()).boxed().toList();
      var none = new Quantile(0, 0, 0, 0);
      return new Cell(
          cpu,
          memory,
          values,
          runs.size() - values.size(),
          (int) runs.stream().filter(Run::killed).count(),
          Quantiles.of(runs.stream().map(Run::throttled).toList(), 0.5),
          values.isEmpty() ? none : Quantile.of(values, 0.5),
          values.isEmpty() ? none : Quantile.of(values, 0.95),
          values.isEmpty() ? none : Quantile.of(values, 0.99));
    }
  }

  /**
   * What one limit does, from its first value to its last.
   *
   * @param factor by which the median shrinks, the geometric mean over the other limit's values
   * @param sure whether it is more than 3 %, and the ranks of some column say so, corrected for
   *     their number
   */
  record Effect(String limit, String from, String to, double factor, boolean sure) {
    double strength() {
      return Math.abs(Math.log(factor));
    }
  }

  /** Cells in the order of their limits, smallest first; see {@link Cell#of}. */
  static Grid of(List<Cell> cells) {
    var effects = new ArrayList<Effect>();
    effect("CPU", cells, Cell::cpu, Cell::memory, effects);
    effect("memory", cells, Cell::memory, Cell::cpu, effects);
    effects.sort(Comparator.comparingDouble(Effect::strength).reversed());
    return new Grid(cells, effects, sentence(cells, effects));
  }

  private static void effect(
      String limit,
      List<Cell> cells,
      Function<Cell, String> level,
      Function<Cell, String> column,
      List<Effect> into) {
    List<String> levels = cells.stream().map(level).distinct().toList();
    if (levels.size() < 2) {
      return;
    }
    String from = levels.get(0);
    String to = levels.get(levels.size() - 1);
    List<String> columns = cells.stream().map(column).distinct().toList();
    double logs = 0;
    double least = 1;
    int counted = 0;
    for (String each : columns) {
      List<Long> small = values(cells, level, from, column, each);
      List<Long> large = values(cells, level, to, column, each);
      if (small.isEmpty() || large.isEmpty()) {
        continue;
      }
      counted++;
      logs += Math.log((double) Quantiles.of(small, 0.5) / Quantiles.of(large, 0.5));
      // two-sided: more of a limit can also be slower
      least =
          Math.min(
              least,
              2
                  * Math.min(
                      RankTest.chanceOfSlower(large, small),
                      RankTest.chanceOfSlower(small, large)));
    }
    if (counted > 0) {
      into.add(
          new Effect(
              limit,
              from,
              to,
              Math.exp(logs / counted),
              least * counted <= ALPHA && Math.abs(logs / counted) > NOTABLE));
    }
  }

  private static List<Long> values(
      List<Cell> cells,
      Function<Cell, String> level,
      String wantedLevel,
      Function<Cell, String> column,
      String wantedColumn) {
    return cells.stream()
        .filter(
            cell ->
                level.apply(cell).equals(wantedLevel) && column.apply(cell).equals(wantedColumn))
        .findFirst()
        .map(Cell::values)
        .orElse(List.of());
  }

  private static String sentence(List<Cell> cells, List<Effect> effects) {
    int failed = cells.stream().mapToInt(Cell::failed).sum();
    String failures =
        failed == 0
            ? ""
            : " " + failed + " starts did not answer in time and are not in the figures.";
    if (effects.isEmpty()) {
      return "With one cell there is nothing to compare." + failures;
    }
    Effect first = effects.get(0);
    if (effects.stream().noneMatch(Effect::sure)) {
      return "No limit made a difference beyond chance; more runs, or values further apart, would tell."
          + failures;
    }
    Effect main = effects.stream().filter(Effect::sure).findFirst().orElse(first);
    var text =
        new StringBuilder("The start is most sensitive to " + main.limit() + ": " + words(main));
    effects.stream()
        .filter(each -> each != main)
        .forEach(
            each ->
                text.append("; ")
                    .append(each.limit())
                    .append(
                        each.sure()
                            ? ": " + words(each)
                            : " made no difference beyond chance (" + words(each) + ")"));
    return text.append('.').append(failures).toString();
  }

  private static String words(Effect effect) {
    return String.format(
        Locale.ROOT,
        effect.factor() >= 1
            ? "from %s to %s the first 200 comes %.2f times as fast"
            : "from %s to %s the first 200 takes %.2f times as long",
        effect.from(),
        effect.to(),
        effect.factor() >= 1 ? effect.factor() : 1 / effect.factor());
  }
}
