package dev.thaw.coordinator.workload;

/** What a pod's actor knows about a start; told again on request, in any order, more than once. */
public sealed interface Fact {

  /**
   * A process runs.
   *
   * @param execNanos the node's monotonic clock; orders the starts of one pod
   */
  record Started(long execNanos) implements Fact {}

  /** The listener that the policy asks for is open, or (false) has been closed. */
  record Listening(boolean open) implements Fact {}

  /** The probe has succeeded often enough in a row since the start or the last ejection. */
  record Confirmed() implements Fact {}

  /** The probe's streak: failures in a row, 0 after a success. */
  record Probed(int failuresInRow, String detail) implements Fact {}

  /**
   * Warm-up requests are over.
   *
   * @param endedNanos the node's monotonic clock: counters scraped before it hold requests of ours
   * @param lastError empty when there was none
   */
  record WarmupEnded(long sent, long errors, long endedNanos, String lastError) implements Fact {}

  /** Not confirmed by its deadline; {@code lastError} is what its probe said last. */
  record NeverServed(String lastError) implements Fact {}

  /** The process is about to be ended on purpose: its traffic goes before it does. */
  record Ending() implements Fact {}

  /** The process is dead; {@code how} is a phrase such as "exit code 1". */
  record Exited(String how) implements Fact {}
}
