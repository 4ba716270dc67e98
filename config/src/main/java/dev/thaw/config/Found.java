package dev.thaw.config;

import java.time.Duration;
import java.util.Optional;

/**
 * What was read at one place: a value, or none because it was refused there. Comparisons with a
 * refused value hold, so that one mistake makes one problem.
 */
record Found<T>(Spot spot, Optional<T> value) {

  /**
   * The value, once nothing was refused.
   *
   * @throws java.util.NoSuchElementException if it was refused
   */
  T get() {
    return value.orElseThrow();
  }

  boolean is(T wanted) {
    return value.isPresent() && value.get().equals(wanted);
  }

  /** Refuses {@code low > high}, at whichever of the two the operator wrote. */
  static void ordered(Found<Duration> low, Found<Duration> high) {
    if (low.value.isEmpty() || high.value.isEmpty() || low.get().compareTo(high.get()) <= 0) {
      return;
    }
    if (low.spot.said()) {
      low.spot.refuse("at most " + high.spot.path() + ", " + DurationText.print(high.get()));
    } else {
      high.spot.refuse("at least " + low.spot.path() + ", " + DurationText.print(low.get()));
    }
  }
}
