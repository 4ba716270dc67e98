package dev.thaw.persistence;

import dev.thaw.config.StartId;

/**
 * What has been decided about one start of a pod's process, whatever it is doing now.
 *
 * @param confirmed it has answered its probe often enough in a row, and not failed it since
 * @param warmed its warm-up requests were accepted; never asked for twice in one start
 * @param breaches how often its evidence has sent it back during this climb
 * @param climbMillis monotonic time climbed as journaled, downtime excluded
 */
public record Birth(
    StartId start, boolean confirmed, boolean warmed, int breaches, long climbMillis) {

  /** A process of which nothing is known yet. */
  public static Birth of(StartId start) {
    return new Birth(start, false, false, 0, 0);
  }

  Birth confirmed(boolean now) {
    return new Birth(start, now, warmed, breaches, climbMillis);
  }

  Birth warm() {
    return new Birth(start, confirmed, true, breaches, climbMillis);
  }

  Birth breached(int times) {
    return new Birth(start, confirmed, warmed, times, climbMillis);
  }

  Birth climbed(long millis) {
    return new Birth(start, confirmed, warmed, breaches, millis);
  }

  /** The ladder begins anew; what the process has shown of itself stays. */
  Birth again() {
    return new Birth(start, confirmed, warmed, 0, 0);
  }
}
