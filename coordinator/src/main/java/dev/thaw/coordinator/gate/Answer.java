package dev.thaw.coordinator.gate;

/** What a query came back with. */
public sealed interface Answer {

  /** One number. */
  record Value(double value) implements Answer {}

  /**
   * No number that may be used: absent, not a number, stale, refused, unreachable.
   *
   * @param fault whether whoever was asked is away or talks nonsense, which is worth telling people
   */
  record Missing(String why, boolean fault) implements Answer {

    /** Nothing to use, and nobody's fault. */
    public Missing(String why) {
      this(why, false);
    }
  }
}
