package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Sample;
import dev.thaw.app.trace.go.GoTrace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Time by time and kind: columns of equal width, rows in the order in which they first appear.
 * Pure.
 *
 * @param columnNanos width of a column
 * @param rows names; those beyond the busiest are one row of "other"
 * @param cells what is not empty
 */
record Heat(long columnNanos, int columns, List<String> rows, List<Cell> cells) {
  private static final int MOST_COLUMNS = 160;

  /** What is drawn beyond the start, such as a program's recordings, may have so many more. */
  private static final int MOST_COLUMNS_BEYOND = 2_000;

  private static final int MOST_ROWS = 24;
  static final String OTHER = "other";

  /** States of goroutines and of the collector, in the order of a page. */
  private static final List<String> STATES =
      List.of(
          GoTrace.RUNNING,
          GoTrace.RUNNABLE,
          GoTrace.SYSCALL,
          GoTrace.ASSIST,
          GoTrace.GC,
          GoTrace.STW);

  /** {@code millis} of time, of processor time where stacks are counted. */
  record Cell(int column, int row, double millis) {}

  private record Place(int column, int row) {}

  /**
   * @param periodNanos processor time that a sample stands for
   * @param end of the start, which decides how wide a column is
   * @param last what is drawn ends here
   */
  static Heat of(
      List<Sample> samples, Function<Sample, String> kind, long periodNanos, long end, long last) {
    long width = width(end, last);
    int columns = columns(width, last);
    Map<String, Integer> totals = new LinkedHashMap<>();
    var kinds = new ArrayList<String>();
    for (Sample sample : samples) {
      String name = kind.apply(sample);
      kinds.add(name);
      totals.merge(name, 1, Integer::sum);
    }
    List<String> rows = rows(totals);
    Map<Place, Double> millis = new HashMap<>();
    for (int i = 0; i < samples.size(); i++) {
      int row = rows.indexOf(kinds.get(i));
      long at = samples.get(i).at();
      if (at >= 0 && at < last) {
        millis.merge(
            new Place((int) (at / width), row < 0 ? rows.size() - 1 : row),
            periodNanos / 1e6,
            Double::sum);
      }
    }
    return of(width, columns, rows, millis);
  }

  /** Go's own states: how long of each column something was so, summed over goroutines. */
  static Heat ofStates(List<GoTrace.Span> spans, long end, long last) {
    long width = width(end, last);
    List<String> rows =
        STATES.stream()
            .filter(state -> spans.stream().anyMatch(span -> span.name().equals(state)))
            .toList();
    Map<Place, Double> millis = new HashMap<>();
    for (GoTrace.Span span : spans) {
      int row = rows.indexOf(span.name());
      long from = Math.max(0, span.fromNanos());
      long to = Math.min(last, span.toNanos());
      for (long at = from; row >= 0 && at < to; ) {
        long next = Math.min(to, (at / width + 1) * width);
        millis.merge(new Place((int) (at / width), row), (next - at) / 1e6, Double::sum);
        at = next;
      }
    }
    return of(width, columns(width, last), rows, millis);
  }

  private static Heat of(long width, int columns, List<String> rows, Map<Place, Double> millis) {
    var cells = new ArrayList<Cell>();
    millis.forEach((place, each) -> cells.add(new Cell(place.column(), place.row(), each)));
    cells.sort((a, b) -> a.row() != b.row() ? a.row() - b.row() : a.column() - b.column());
    return new Heat(width, columns, rows, cells);
  }

  private static long width(long end, long last) {
    return Math.max(
        Math.max(1_000_000, (end + MOST_COLUMNS - 1) / MOST_COLUMNS),
        (last + MOST_COLUMNS_BEYOND - 1) / MOST_COLUMNS_BEYOND);
  }

  private static int columns(long width, long last) {
    return (int) Math.max(1, (last + width - 1) / width);
  }

  private static List<String> rows(Map<String, Integer> totals) {
    if (totals.size() <= MOST_ROWS) {
      return List.copyOf(totals.keySet());
    }
    List<String> busiest =
        totals.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .limit(MOST_ROWS - 1L)
            .map(Map.Entry::getKey)
            .toList();
    var rows = new ArrayList<>(totals.keySet());
    rows.retainAll(busiest);
    rows.add(OTHER);
    return rows;
  }
}
