package dev.thaw.app.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Says in plain sentences what a start spends its time on and what would save how much of it: what
 * dominates first, then what saves most. Pure.
 */
final class Advice {
  /** Shares of a start, and times, below which nothing is said. */
  static final double WORTH_A_SENTENCE = 0.05;

  static final long WORTH_NANOS = 2_000_000;

  /**
   * One finding.
   *
   * @param saves nanoseconds it would spare each start at most; 0 where it only explains
   */
  record Item(String sentence, long saves) {}

  private Advice() {}

  /** What dominates first, then what saves most; of one start. */
  static List<Item> of(Start start, Setting setting) {
    return of(start, setting, Map.of());
  }

  /**
   * The same of one start among several.
   *
   * @param measures of all of them: one start's accident is no advice
   */
  static List<Item> of(Start start, Setting setting, Map<String, List<Long>> measures) {
    boolean answered = start.at(Start.FIRST_200).isPresent();
    long whole = start.at(Start.FIRST_200).orElse(start.at(Start.LISTEN).orElse(0));
    var items = new ArrayList<Item>();
    if (!answered) {
      String why = start.end().isEmpty() ? "no port listened" : start.end();
      items.add(new Item("It never served: " + why + ".", 0));
    }
    if (whole == 0) {
      return items;
    }
    items.add(dominant(start, whole));
    Serving.sentence(start).ifPresent(sentence -> items.add(new Item(sentence, 0)));
    var found = new ArrayList<Item>();
    found.addAll(LimitAdvice.of(start, setting, whole));
    found.addAll(InitAdvice.of(start, setting, whole, measures));
    found.addAll(ConnectionAdvice.of(start));
    found.sort(Comparator.comparingLong(Item::saves).reversed());
    items.addAll(found);
    return List.copyOf(items);
  }

  private static Item dominant(Start start, long whole) {
    Waterfall.Span longest =
        Waterfall.of(start).stream()
            .filter(
                span ->
                    span.depth() == 0 && span.from() < whole && !span.name().equals(Waterfall.OURS))
            .max(Comparator.comparingLong(Waterfall.Span::duration))
            .orElse(new Waterfall.Span("the start", 0, 0, whole, ""));
    return new Item(
        "From exec to %s it took %s; most of it, %s (%s), was \"%s\"."
            .formatted(
                start.at(Start.FIRST_200).isPresent() ? "the first 200" : "listen",
                Words.millis(whole),
                Words.millis(longest.duration()),
                Words.share((double) longest.duration() / whole),
                longest.name()),
        0);
  }
}
