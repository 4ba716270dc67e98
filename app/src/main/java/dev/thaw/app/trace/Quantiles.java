package dev.thaw.app.trace;

import java.util.Collection;
import java.util.List;

/** Quantiles of few values, and how sure one can be of them. Pure. */
final class Quantiles {

  private Quantiles() {}

  /** The smallest value that at least so large a share of them does not exceed. */
  static long of(Collection<Long> values, double share) {
    List<Long> sorted = values.stream().sorted().toList();
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("a quantile of nothing");
    }
    int index = (int) Math.ceil(share * sorted.size()) - 1;
    return sorted.get(Math.max(0, Math.min(sorted.size() - 1, index)));
  }

  /**
   * Bounds of a quantile of the whole, from a sample of it, without a view on its shape: two of the
   * sample's own values.
   *
   * @param confidence that was reached: the binomial's, at least 0.95 where the sample allows it
   */
  record Interval(long low, long high, double confidence) {}

  /** The narrowest such interval that is sure enough, or the sample's whole range. */
  static Interval interval(Collection<Long> values, double share) {
    List<Long> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    double[] probability = binomial(n, share);
    int low = 0;
    int high = n - 1;
    // P(value[low] <= quantile < value[high]) = P(low < K <= high), K values lie below it
    double reached = between(probability, low, high);
    boolean narrowed = true;
    while (narrowed && low < high) {
      narrowed = false;
      double withoutLow = between(probability, low + 1, high);
      double withoutHigh = between(probability, low, high - 1);
      if (Math.max(withoutLow, withoutHigh) >= 0.95) {
        if (withoutLow >= withoutHigh) {
          low++;
        } else {
          high--;
        }
        reached = Math.max(withoutLow, withoutHigh);
        narrowed = true;
      }
    }
    return new Interval(sorted.get(low), sorted.get(high), reached);
  }

  private static double between(double[] probability, int low, int high) {
    double sum = 0;
    for (int k = low + 1; k <= high; k++) {
      sum += probability[k];
    }
    return sum;
  }

  private static double[] binomial(int n, double p) {
    double[] probability = new double[n + 1];
    double log = n * Math.log1p(-p);
    for (int k = 0; k <= n; k++) {
      probability[k] = Math.exp(log);
      log += Math.log((double) (n - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
    }
    return probability;
  }
}
