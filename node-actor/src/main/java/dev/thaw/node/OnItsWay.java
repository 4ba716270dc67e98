package dev.thaw.node;

import java.time.Duration;
import java.util.Optional;

/**
 * A pod's process that has no pid yet: it is being started, or a predecessor's is being looked for.
 * Keeps the order to end it until there is something to end. Any thread.
 */
final class OnItsWay {
  private volatile Optional<Duration> grace = Optional.empty();

  /**
   * It is to be ended. Of several orders the most urgent counts. For one thread.
   *
   * @param after between SIGTERM and SIGKILL; zero for SIGKILL at once
   */
  void end(Duration after) {
    if (grace.filter(earlier -> earlier.compareTo(after) <= 0).isEmpty()) {
      grace = Optional.of(after);
    }
  }

  /** How it is to be ended; empty: it is not. */
  Optional<Duration> ending() {
    return grace;
  }
}
