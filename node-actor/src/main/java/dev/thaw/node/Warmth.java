package dev.thaw.node;

/**
 * Whether one connection of a pool is warm: so many PINGs in a row were answered fast enough. Pure.
 *
 * @param inRow fast answers in a row so far
 * @param needed of them
 */
record Warmth(int inRow, int needed) {
  static Warmth cold(int needed) {
    return new Warmth(0, needed);
  }

  /** One answer more; one that was too slow is as good as none. */
  Warmth after(long latencyNanos, long warmBelowNanos) {
    return latencyNanos < warmBelowNanos ? new Warmth(inRow + 1, needed) : cold(needed);
  }

  boolean isWarm() {
    return inRow >= needed;
  }
}
