package dev.thaw.app.trace;

import java.util.List;
import java.util.Locale;

/** A start as lines of text. Pure. */
final class TextReport {
  private static final int BAR = 40;

  private TextReport() {}

  /** The waterfall: name, begin, duration, and a bar on the whole start's scale. */
  static String waterfall(Start start) {
    List<Waterfall.Span> spans = Waterfall.of(start);
    long end = spans.stream().mapToLong(Waterfall.Span::to).max().orElse(1);
    var text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "  %-32s %10s %10s%n", "", "at", "took"));
    for (Waterfall.Span span : spans) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-32s %10s %10s  %s  %s%n",
              cut(" ".repeat(2 * span.depth()) + span.name(), 32),
              Words.millis(span.from()),
              span.isMoment() ? "" : Words.millis(span.duration()),
              bar(span, end),
              span.note()));
    }
    return text.toString();
  }

  private static String bar(Waterfall.Span span, long end) {
    int from = (int) (span.from() * BAR / Math.max(1, end));
    int to = (int) Math.ceil((double) span.to() * BAR / Math.max(1, end));
    int width = Math.max(1, Math.min(BAR, to) - from);
    return " ".repeat(Math.min(BAR - 1, from))
        + (span.depth() == 0 ? "#" : "-").repeat(width)
        + " ".repeat(Math.max(0, BAR - Math.min(BAR - 1, from) - width));
  }

  /** In the middle: names of packages differ at their end. */
  private static String cut(String text, int most) {
    int half = most / 2;
    return text.length() <= most
        ? text
        : text.substring(0, most - half - 1) + "…" + text.substring(text.length() - half);
  }
}
