package dev.thaw.bpf;

import java.util.ArrayDeque;

/**
 * Walker's alias method: a weighted choice by one draw of a column and one of a coin, whatever the
 * number of weights. Column i is taken with probability (threshold(i) + 1) / 2^32, else its alias.
 *
 * @see <a href="https://doi.org/10.1145/355744.355749">A. J. Walker, 1977</a>; built in linear time
 *     as M. D. Vose, 1991
 */
final class AliasTable {
  private static final double COIN = 4294967296.0; // 2^32

  private final int[] thresholds;
  private final int[] aliases;

  /**
   * @param weights at least one; each positive
   */
  AliasTable(int[] weights) {
    int n = weights.length;
    thresholds = new int[n];
    aliases = new int[n];
    double sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    var scaled = new double[n];
    var small = new ArrayDeque<Integer>();
    var large = new ArrayDeque<Integer>();
    for (int i = 0; i < n; i++) {
      scaled[i] = weights[i] * n / sum;
      (scaled[i] < 1 ? small : large).add(i);
    }
    while (!small.isEmpty() && !large.isEmpty()) {
      int poor = small.remove();
      int rich = large.remove();
      set(poor, scaled[poor], rich);
      scaled[rich] -= 1 - scaled[poor];
      (scaled[rich] < 1 ? small : large).add(rich);
    }
    large.forEach(i -> set(i, 1, i));
    small.forEach(i -> set(i, 1, i)); // only rounding leaves some here
  }

  private void set(int column, double share, int alias) {
    thresholds[column] = (int) Math.max(0L, Math.min(0xffff_ffffL, Math.round(share * COIN) - 1));
    aliases[column] = alias;
  }

  /** The coin's highest winning value, unsigned. */
  int threshold(int column) {
    return thresholds[column];
  }

  int alias(int column) {
    return aliases[column];
  }
}
