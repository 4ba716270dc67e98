package dev.thaw.app.demo;

import java.util.List;

/**
 * A request that failed while Thaw was down.
 *
 * @param afterKillMs when it was due, counted from the kill of a replica
 * @param slot the replica the kernel had chosen; -1 when none
 * @param error in the client's words
 * @param inFlight it was on its way to the replica that was killed, in that moment: no table of
 *     weights could have spared it
 */
record Casualty(double afterKillMs, int slot, int status, String error, boolean inFlight) {

  /**
   * Those of these requests that failed.
   *
   * @param slot of the replica that was killed
   * @param killedNanos when, CLOCK_MONOTONIC
   * @param deadNanos when the kernel had ended its listener at the latest
   */
  static List<Casualty> of(List<Request> requests, int slot, long killedNanos, long deadNanos) {
    return requests.stream()
        .filter(Request::failed)
        .map(
            r ->
                new Casualty(
                    (r.intendedNanos() - killedNanos) / 1e6,
                    r.slot(),
                    r.status(),
                    r.error(),
                    r.slot() == slot
                        && r.endedNanos() >= killedNanos
                        && r.intendedNanos() <= deadNanos))
        .toList();
  }
}
