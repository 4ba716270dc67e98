package dev.thaw.app.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/*
 * The test of Mann and Whitney (Annals of Mathematical Statistics 18, 1947), in strata as van
 * Elteren (1960) adds them up where all strata are of one size. Under the hypothesis that nothing
 * differs, in each stratum every choice of n out of n + m ranks is as likely as any other. Ties
 * share the middle of their ranks; doubled ranks keep the counting in whole numbers.
 *
 * Few values: the sums of all choices are counted. ways[k][s] is the number of choices of k of the
 * ranks so far with sum s, as a share of all so that nothing overflows; strata are folded into each
 * other. Counting costs the square of (n + m) n, so it ends at MOST_PAIRS.
 *
 * More values: the sum of ranks is close to normal, with mean n (n + m + 1) / 2 and variance
 * n m / 12 ((n + m + 1) - sum(t^3 - t) / ((n + m) (n + m - 1))) over the sizes t of ties (Lehmann,
 * Nonparametrics, 1975, section 1.4), less half a rank for its steps. Its test holds it against
 * the count.
 */
/** Whether one sample's values tend to be higher than another's. Pure. */
final class RankTest {
  /** So many pairs of values are still counted: 31 against 31, or 5 against 200. */
  private static final int MOST_PAIRS = 1_000;

  private RankTest() {}

  /** Two samples that differ by nothing else than what is tested; both have a value or more. */
  record Stratum(List<Long> before, List<Long> after) {
    Stratum {
      if (before.isEmpty() || after.isEmpty()) {
        throw new IllegalArgumentException("a comparison with nothing");
      }
    }

    int pairs() {
      return before.size() * after.size();
    }
  }

  /**
   * The chance to see {@code after} rank so high above {@code before} if there is no difference:
   * small means slower. Either may have 1 value or thousands.
   */
  static double chanceOfSlower(List<Long> before, List<Long> after) {
    return chanceOfSlower(List.of(new Stratum(before, after)));
  }

  /** The same over several strata, in each of which only like is ranked with like. */
  static double chanceOfSlower(List<Stratum> strata) {
    int pairs = strata.stream().mapToInt(Stratum::pairs).sum();
    return pairs <= MOST_PAIRS ? counted(strata) : approximated(strata);
  }

  /** By counting; for up to some thousand pairs. */
  static double counted(List<Stratum> strata) {
    double[] all = {1};
    int seen = 0;
    for (Stratum stratum : strata) {
      Ranks ranks = Ranks.of(stratum);
      all = folded(all, ways(ranks.doubled(), ranks.chosen()));
      seen += ranks.seen();
    }
    double chance = 0;
    for (int sum = seen; sum < all.length; sum++) {
      chance += all[sum];
    }
    return Math.min(1, chance);
  }

  /** By the normal distribution; off by less than 0.002 where counting ends. */
  static double approximated(List<Stratum> strata) {
    double above = -0.5;
    double variance = 0;
    for (Stratum stratum : strata) {
      Ranks ranks = Ranks.of(stratum);
      double all = ranks.doubled().length;
      double chosen = ranks.chosen();
      above += ranks.seen() / 2.0 - chosen * (all + 1) / 2;
      variance +=
          chosen * (all - chosen) / 12 * (all + 1 - ranks.ties() / (all * Math.max(1, all - 1)));
    }
    return variance <= 0 ? 1 : normalAbove(above / Math.sqrt(variance));
  }

  /**
   * All values' ranks in order, doubled.
   *
   * @param chosen how many of them are {@code after}'s
   * @param seen the sum of those
   */
  private record Ranks(int[] doubled, int chosen, int seen, double ties) {
    static Ranks of(Stratum stratum) {
      var all = new ArrayList<>(stratum.before());
      all.addAll(stratum.after());
      long[] sorted = all.stream().mapToLong(Long::longValue).sorted().toArray();
      int[] doubled = new int[sorted.length];
      double ties = 0;
      for (int from = 0; from < sorted.length; ) {
        int to = from;
        while (to < sorted.length && sorted[to] == sorted[from]) {
          to++;
        }
        Arrays.fill(doubled, from, to, from + to + 1);
        ties += Math.pow(to - from, 3) - (to - from);
        from = to;
      }
      int seen =
          stratum.after().stream()
              .mapToInt(value -> doubled[Arrays.binarySearch(sorted, value)])
              .sum();
      return new Ranks(doubled, stratum.after().size(), seen, ties);
    }
  }

  /** The share of choices of so many ranks by their sum. */
  private static double[] ways(int[] ranks, int choose) {
    int highest =
        Arrays.stream(ranks, ranks.length - choose, ranks.length).sum(); // ranks are in order
    double[][] ways = new double[choose + 1][highest + 1];
    ways[0][0] = 1;
    for (int i = 0; i < ranks.length; i++) {
      int left = ranks.length - i;
      for (int k = Math.min(choose, i + 1); k >= 0; k--) {
        // rank i is chosen with the chance (still to choose) / (still to come)
        double passedBy = Math.max(0, 1 - (double) (choose - k) / left);
        double taken = k == 0 ? 0 : Math.min(1, (double) (choose - k + 1) / left);
        for (int sum = highest; sum >= 0; sum--) {
          double chosen = k > 0 && sum >= ranks[i] ? ways[k - 1][sum - ranks[i]] * taken : 0;
          ways[k][sum] = ways[k][sum] * passedBy + chosen;
        }
      }
    }
    return ways[choose];
  }

  private static double[] folded(double[] one, double[] other) {
    double[] both = new double[one.length + other.length - 1];
    for (int i = 0; i < one.length; i++) {
      for (int j = 0; one[i] > 0 && j < other.length; j++) {
        both[i + j] += one[i] * other[j];
      }
    }
    return both;
  }

  /**
   * The share of a normal distribution above z: formula 26.2.17 of Abramowitz and Stegun, Handbook
   * of Mathematical Functions (1964), off by less than 7.5e-8.
   */
  static double normalAbove(double z) {
    if (z < 0) {
      return 1 - normalAbove(-z);
    }
    double t = 1 / (1 + 0.2316419 * z);
    double polynomial =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * polynomial;
  }
}
