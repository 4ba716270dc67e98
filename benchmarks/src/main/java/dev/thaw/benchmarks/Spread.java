package dev.thaw.benchmarks;

import java.util.Arrays;
import java.util.Collection;

/**
 * Sorted samples of one figure, in the figure's own unit. Quantiles are by nearest rank, so each is
 * a value seen.
 */
public record Spread(double[] sorted) {

  /** What is told of a spread. */
  public record Summary(long n, double min, double p50, double p95, double p99, double max) {}

  /** Sorts a copy of the samples. */
  public static Spread of(Collection<Double> samples) {
    double[] values = samples.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(values);
    return new Spread(values);
  }

  /** How many samples there are. */
  public int n() {
    return sorted.length;
  }

  /**
   * The smallest sample that at least a share {@code q} (0 to 1) of all samples does not exceed.
   */
  public double quantile(double q) {
    if (sorted.length == 0) {
      throw new IllegalStateException("no samples: a quantile needs at least one");
    }
    int rank = (int) Math.ceil(q * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length - 1, rank - 1))];
  }

  /** In short; there must be a sample. */
  public Summary summary() {
    return new Summary(
        n(), quantile(0), quantile(0.5), quantile(0.95), quantile(0.99), quantile(1));
  }
}
