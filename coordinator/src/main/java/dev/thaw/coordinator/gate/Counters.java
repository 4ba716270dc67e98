package dev.thaw.coordinator.gate;

/**
 * Raw sums of one scrape of one start; counters, never rates.
 *
 * @param timed requests the histogram has seen
 * @param within of those, no slower than the policy's bound
 */
public record Counters(double requests, double errors, double timed, double within) {

  /** Whether a server can have counted this; a page that says otherwise says nothing. */
  public boolean believable() {
    return sane(requests)
        && sane(errors)
        && sane(timed)
        && sane(within)
        && errors <= requests
        && within <= timed;
  }

  private static boolean sane(double count) {
    return Double.isFinite(count) && count >= 0;
  }
}
