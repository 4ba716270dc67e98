package dev.thaw.app.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/*
 * Mann and Whitney's test on ranks, exact. Under the hypothesis that two samples come from one
 * distribution every choice of n out of n + m ranks is as likely as any other; the chance of a rank
 * sum at least as high as the one seen is counted, not approximated. Ties share the middle of their
 * ranks; doubled ranks keep the counting in whole numbers. ways[k][s] is the number of choices of k
 * of the ranks so far with sum s, as a share of all so that nothing overflows.
 */
/** Whether one sample's values tend to be higher than another's. Pure. */
final class RankTest {

  private RankTest() {}

  /**
   * The chance to see {@code after} rank so high above {@code before} if there is no difference:
   * small means slower. Either may have 1 to some hundred values.
   */
  static double chanceOfSlower(List<Long> before, List<Long> after) {
    if (before.isEmpty() || after.isEmpty()) {
      throw new IllegalArgumentException("a comparison with nothing");
    }
    var all = new ArrayList<>(before);
    all.addAll(after);
    all.sort(null);
    int[] ranks = new int[all.size()]; // doubled
    for (int from = 0; from < all.size(); ) {
      int to = from;
      while (to < all.size() && all.get(to).equals(all.get(from))) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[i] = from + to + 1;
      }
      from = to;
    }
    int seen = after.stream().mapToInt(value -> ranks[all.indexOf(value)]).sum();
    return tail(ranks, after.size(), seen);
  }

  private static double tail(int[] ranks, int choose, int atLeast) {
    int total = Arrays.stream(ranks).sum();
    double[][] ways = new double[choose + 1][total + 1];
    ways[0][0] = 1;
    for (int i = 0; i < ranks.length; i++) {
      // rank i is chosen with the chance (still to choose) / (still to come)
      double[][] next = new double[choose + 1][total + 1];
      for (int k = 0; k <= Math.min(choose, i); k++) {
        double taken = (double) (choose - k) / (ranks.length - i);
        for (int sum = 0; sum <= total; sum++) {
          if (ways[k][sum] > 0) {
            next[k][sum] += ways[k][sum] * Math.max(0, 1 - taken);
            if (k < choose) {
              next[k + 1][sum + ranks[i]] += ways[k][sum] * Math.min(1, taken);
            }
          }
        }
      }
      ways = next;
    }
    double chance = 0;
    for (int sum = atLeast; sum <= total; sum++) {
      chance += ways[choose][sum];
    }
    return Math.min(1, chance);
  }
}
