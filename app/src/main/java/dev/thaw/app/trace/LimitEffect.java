package dev.thaw.app.trace;

import dev.thaw.app.trace.Grid.Cell;
import dev.thaw.app.trace.RankTest.Stratum;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What one limit does to a start, from its first value to its last: cells that differ by it alone
 * are ranked against each other, and their evidence is added up. Pure.
 *
 * @param limit such as {@code CPU}
 * @param levels its values, smallest first
 * @param factor by which the median shrinks, the geometric mean over the other limit's values;
 *     empty where half of the starts at either end did not answer
 * @param chance to see such ranks, in either direction, if it made no difference
 * @param sure whether that is less than is accepted, and the median changes by more than 3 % or
 *     starts fail at one end
 * @param deadly whether the failures alone would be as sure
 * @param tooFew whether so few starts can show nothing, however far apart they are
 */
record LimitEffect(
    String limit,
    List<Level> levels,
    OptionalDouble factor,
    double chance,
    boolean sure,
    boolean deadly,
    boolean tooFew) {
  /** The chance of a false alarm that is accepted, for all limits of a grid together. */
  private static final double ALPHA = 0.05;

  /** Three in a hundred: less is nothing to choose a limit by. */
  private static final double NOTABLE = Math.log(1.03);

  /** One value of the limit, over all values of the other. */
  record Level(String value, int starts, int failed, int killed) {}

  /**
   * @param level the limit's value in a cell
   * @param other the other limit's
   * @param shared whether another limit's effect is looked for too
   */
  static LimitEffect of(
      String limit,
      List<Cell> cells,
      Function<Cell, String> level,
      Function<Cell, String> other,
      boolean shared) {
    List<Level> levels =
        cells.stream().map(level).distinct().map(each -> level(each, cells, level)).toList();
    Level from = levels.get(0);
    Level to = levels.get(levels.size() - 1);
    var times = new ArrayList<Stratum>();
    var failures = new ArrayList<Stratum>();
    var logs = new ArrayList<Double>();
    for (String each : cells.stream().map(other).distinct().toList()) {
      List<Cell> column = cells.stream().filter(cell -> other.apply(cell).equals(each)).toList();
      Optional<Cell> small = at(from.value(), column, level);
      Optional<Cell> large = at(to.value(), column, level);
      if (small.isPresent() && large.isPresent()) {
        times.add(new Stratum(large.get().ranks(), small.get().ranks()));
        failures.add(new Stratum(failed(large.get()), failed(small.get())));
        factor(small.get(), large.get()).ifPresent(logs::add);
      }
    }
    double accepted = shared ? ALPHA / 2 : ALPHA;
    OptionalDouble mean = logs.stream().mapToDouble(Double::doubleValue).average();
    double chance = twoSided(times);
    boolean deadly = twoSided(failures) <= accepted;
    return new LimitEffect(
        limit,
        levels,
        mean.isPresent() ? OptionalDouble.of(Math.exp(mean.getAsDouble())) : mean,
        chance,
        deadly || chance <= accepted && Math.abs(mean.orElse(0)) > NOTABLE,
        deadly,
        twoSided(times.stream().filter(LimitEffect::tells).map(LimitEffect::apart).toList())
            > accepted);
  }

  /** For the order of effects: failures weigh more than any factor. */
  double strength() {
    return deadly ? Double.MAX_VALUE : Math.abs(Math.log(factor.orElse(1)));
  }

  Level first() {
    return levels.get(0);
  }

  Level last() {
    return levels.get(levels.size() - 1);
  }

  /** More of a limit can also be slower. */
  private static double twoSided(List<Stratum> strata) {
    List<Stratum> turned =
        strata.stream().map(each -> new Stratum(each.after(), each.before())).toList();
    return Math.min(
        1, 2 * Math.min(RankTest.chanceOfSlower(strata), RankTest.chanceOfSlower(turned)));
  }

  private static Optional<Double> factor(Cell small, Cell large) {
    return small.p50().value().isPresent() && large.p50().value().isPresent()
        ? Optional.of(
            Math.log((double) small.p50().value().getAsLong() / large.p50().value().getAsLong()))
        : Optional.empty();
  }

  private static Level level(String value, List<Cell> cells, Function<Cell, String> level) {
    List<Cell> of = cells.stream().filter(cell -> level.apply(cell).equals(value)).toList();
    return new Level(
        value,
        of.stream().mapToInt(Cell::starts).sum(),
        of.stream().mapToInt(Cell::failed).sum(),
        of.stream().mapToInt(Cell::killed).sum());
  }

  private static Optional<Cell> at(String value, List<Cell> cells, Function<Cell, String> level) {
    return cells.stream().filter(cell -> level.apply(cell).equals(value)).findFirst();
  }

  /** Starts that all failed alike say nothing of this limit, however many they are. */
  private static boolean tells(Stratum stratum) {
    return Stream.of(stratum.before(), stratum.after()).flatMap(List::stream).distinct().count()
        > 1;
  }

  /** As many starts, as far apart as can be. */
  private static Stratum apart(Stratum like) {
    return new Stratum(
        Collections.nCopies(like.before().size(), 0L),
        Collections.nCopies(like.after().size(), 1L));
  }

  /** Only whether each start answered. */
  private static List<Long> failed(Cell cell) {
    var failed = new ArrayList<>(Collections.nCopies(cell.values().size(), 0L));
    failed.addAll(Collections.nCopies(cell.failed(), 1L));
    return failed;
  }
}
