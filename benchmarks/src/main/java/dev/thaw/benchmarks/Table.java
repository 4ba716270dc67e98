package dev.thaw.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures as lines for people, in columns of equal width. */
final class Table {
  private static final List<String> HEAD =
      List.of(
          "figure", "unit", "n", "min", "p50", "p95", "p99", "max", "bound", "goal", "met", "what");

  private Table() {}

  static List<String> lines(List<Figure> figures) {
    var rows = new ArrayList<List<String>>();
    rows.add(HEAD);
    figures.forEach(figure -> rows.add(row(figure)));
    var lines = new ArrayList<String>();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int column = i;
        int width = rows.stream().mapToInt(each -> each.get(column).length()).max().orElse(0);
        boolean figure = i >= 2 && i <= 7;
        line.append(String.format("%" + (figure ? "" : "-") + width + "s  ", row.get(i)));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static List<String> row(Figure figure) {
    Spread.Summary summary = figure.summary();
    return List.of(
        figure.name(),
        figure.unit(),
        Long.toString(summary.n()),
        number(summary.min()),
        number(summary.p50()),
        number(summary.p95()),
        number(summary.p99()),
        number(summary.max()),
        figure.bound().map(Figure.Limit::toString).orElse("-"),
        figure.goal().map(Figure.Limit::toString).orElse("-"),
        figure.met(),
        figure.what());
  }

  /** Three digits that count, and no more than the unit can carry. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    } else if (value == Math.rint(value) || Math.abs(value) >= 100) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
  }
}
