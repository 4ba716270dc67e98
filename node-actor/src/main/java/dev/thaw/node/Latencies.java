package dev.thaw.node;

import java.util.List;
import java.util.stream.IntStream;

/** Medians of latencies, and how they went. Pure. */
final class Latencies {
  private static final int PARTS = 10;

  private Latencies() {}

  /** The lower median; 0 of none. */
  static long median(List<Long> values) {
    return values.isEmpty() ? 0 : values.stream().sorted().toList().get((values.size() - 1) / 2);
  }

  /** Medians of ten parts in order, as equal as can be; fewer values, fewer parts. */
  static List<Long> course(List<Long> values) {
    int parts = Math.min(PARTS, values.size());
    return IntStream.range(0, parts)
        .mapToObj(
            part ->
                values.subList(part * values.size() / parts, (part + 1) * values.size() / parts))
        .map(Latencies::median)
        .toList();
  }
}
