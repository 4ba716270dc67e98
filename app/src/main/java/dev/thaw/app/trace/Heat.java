package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Processor time by time and kind: columns of equal width, rows in the order in which they first
 * appear. Pure.
 *
 * @param columnNanos width of a column
 * @param rows names; those beyond the busiest are one row of "other"
 * @param cells what is not empty
 */
record Heat(long columnNanos, int columns, List<String> rows, List<Cell> cells) {
  private static final int MOST_COLUMNS = 160;
  private static final int MOST_ROWS = 24;
  static final String OTHER = "other";

  /** {@code millis} of processor time. */
  record Cell(int column, int row, double millis) {}

  /**
   * @param periodNanos processor time that a sample stands for
   * @param end of the last column
   */
  static Heat of(List<Sample> samples, Function<Sample, String> kind, long periodNanos, long end) {
    long width = Math.max(1_000_000, (end + MOST_COLUMNS - 1) / MOST_COLUMNS);
    int columns = (int) Math.max(1, (end + width - 1) / width);
    Map<String, Integer> totals = new LinkedHashMap<>();
    var kinds = new ArrayList<String>();
    for (Sample sample : samples) {
      String name = kind.apply(sample);
      kinds.add(name);
      totals.merge(name, 1, Integer::sum);
    }
    List<String> rows = rows(totals);
    Map<List<Integer>, Integer> counts = new HashMap<>();
    for (int i = 0; i < samples.size(); i++) {
      int column = (int) Math.min(columns - 1, samples.get(i).at() / width);
      int row = rows.indexOf(kinds.get(i));
      counts.merge(List.of(column, row < 0 ? rows.size() - 1 : row), 1, Integer::sum);
    }
    var cells = new ArrayList<Cell>();
    counts.forEach(
        (place, count) ->
            cells.add(new Cell(place.get(0), place.get(1), count * periodNanos / 1e6)));
    cells.sort((a, b) -> a.row() != b.row() ? a.row() - b.row() : a.column() - b.column());
    return new Heat(width, columns, rows, cells);
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
