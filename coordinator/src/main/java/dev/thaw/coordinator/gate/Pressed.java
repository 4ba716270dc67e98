package dev.thaw.coordinator.gate;

/**
 * How hard one resource pressed a pod since its rung was applied.
 *
 * @param total microseconds in which tasks of it stood still, or segments it sent again
 * @param seconds since when
 */
public record Pressed(double total, double seconds) {

  /** Of stalls: the share of the time, 0 to 1. */
  public double share() {
    return total / 1e6 / seconds;
  }

  /** Of counts: how many a second. */
  public double perSecond() {
    return total / seconds;
  }
}
