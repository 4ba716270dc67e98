package dev.thaw.app.trace;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Counts values in buckets that double: from 1 us on, as latencies are looked at. Pure. */
final class Log2Histogram {

  private Log2Histogram() {}

  /** Values from {@code fromMicros} up to twice that. */
  record Bucket(long fromMicros, int count) {}

  /** From the first bucket that holds something to the last; values in nanoseconds. */
  static List<Bucket> of(Collection<Long> nanos) {
    int[] counts = new int[64];
    nanos.forEach(value -> counts[index(value)]++);
    int first = 0;
    int last = counts.length - 1;
    while (first < last && counts[first] == 0) {
      first++;
    }
    while (last > first && counts[last] == 0) {
      last--;
    }
    var buckets = new ArrayList<Bucket>();
    for (int i = first; i <= last && !nanos.isEmpty(); i++) {
      buckets.add(new Bucket(1L << i, counts[i]));
    }
    return buckets;
  }

  private static int index(long nanos) {
    return 63 - Long.numberOfLeadingZeros(Math.max(1, nanos / 1000));
  }
}
