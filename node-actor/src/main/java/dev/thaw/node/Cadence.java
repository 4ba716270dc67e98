package dev.thaw.node;

import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.SetProbing;
import java.util.List;

/**
 * When a pod's next probe comes, how long it may take, and how often it is tried before it counts
 * as failed. Pure: chance is an argument, a number from 0 to 1. Nanoseconds.
 *
 * @param initialDelay from LISTEN to the first probe
 * @param backoff what is waited after 1, 2 ... failures in a row, for slow or remote targets; the
 *     last repeats; empty: always the interval
 */
record Cadence(long initialDelay, Pace confirming, Pace warming, Pace ready, List<Long> backoff) {
  /** Probes come this much earlier or later, so that a thousand pods do not beat as one. */
  private static final double JITTER = 0.1;

  /** After so many failures in a row, a minute at the shipped pace, haste is of no more use. */
  private static final int FRUITLESS = 300;

  /**
   * The pace of one phase.
   *
   * @param interval from one probe's beginning to the next one's
   * @param limit for one try
   * @param retries tries beyond the first, one limit apart
   */
  record Pace(long interval, long limit, int retries) {}

  Cadence {
    backoff = List.copyOf(backoff);
  }

  static Cadence of(ProbePlan plan) {
    long limit = plan.getTimeoutNanos();
    long readyLimit = plan.getReadyTimeoutNanos() == 0 ? limit : plan.getReadyTimeoutNanos();
    return new Cadence(
        plan.getInitialDelayNanos(),
        new Pace(plan.getConfirmingIntervalNanos(), limit, 0),
        new Pace(plan.getClimbingIntervalNanos(), limit, plan.getWarmingRetries()),
        new Pace(plan.getReadyIntervalNanos(), readyLimit, plan.getReadyRetries()),
        plan.getBackoffNanosList());
  }

  Pace pace(SetProbing.Phase phase) {
    return switch (phase) {
      case CLIMBING -> warming;
      case READY -> ready;
      default -> confirming;
    };
  }

  /**
   * From a probe's beginning to the next one's. While a pod proves itself the interval is exact:
   * the rule counts successes so far apart.
   */
  long untilNext(SetProbing.Phase phase, int failuresInRow, double chance) {
    if (failuresInRow > 0 && !backoff.isEmpty()) {
      return jittered(backoff.get(Math.min(failuresInRow, backoff.size()) - 1), chance);
    }
    long interval = pace(phase).interval();
    if (failuresInRow > FRUITLESS) {
      return jittered(Math.max(interval, ready.interval()), chance);
    }
    return pace(phase) == confirming ? interval : jittered(interval, chance);
  }

  /**
   * From a change of phase to the first probe in it. Pods that became ready together are spread
   * over a whole interval.
   */
  long untilFirst(SetProbing.Phase phase, double chance) {
    long interval = pace(phase).interval();
    return phase == SetProbing.Phase.READY ? (long) (interval * chance) : interval;
  }

  private static long jittered(long nanos, double chance) {
    return (long) (nanos * (1 + JITTER * (2 * chance - 1)));
  }
}
