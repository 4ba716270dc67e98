package dev.thaw.bpf;

import java.net.InetSocketAddress;

/**
 * What was seen of a profiled control group. {@code atNanos} is CLOCK_MONOTONIC, {@code pid} the
 * process, {@code tid} the thread.
 */
public sealed interface ProfileEvent {
  long atNanos();

  int pid();

  int tid();

  /** The process runs another image from here on. */
  record Exec(long atNanos, int pid, int tid, String path) implements ProfileEvent {}

  /** The process ended; {@code status} as wait(2) encodes it. */
  record Exit(long atNanos, int pid, int tid, int status) implements ProfileEvent {}

  /** A TCP socket listens, or is about to. */
  record Listen(long atNanos, int pid, int tid, InetSocketAddress address)
      implements ProfileEvent {}

  /**
   * A function of a start has been entered.
   *
   * @param name the step, as {@link StartProfile#attachSteps} named it
   * @param argument the function's first argument
   * @param place address of its first instruction in this process
   */
  record Step(long atNanos, int pid, int tid, String name, long argument, long place)
      implements ProfileEvent {}

  /**
   * A stack, taken by the clock or at a page fault. Addresses innermost first.
   *
   * @param fault taken at a page fault
   */
  record Sample(long atNanos, int pid, int tid, boolean fault, long[] user, long[] kernel)
      implements ProfileEvent {}

  /**
   * A thread runs again after it did not.
   *
   * @param sinceNanos when it left the processor
   * @param runnableNanos from when on it only lacked a processor: run queue or a CPU limit; 0 when
   *     unknown
   * @param kernel where it slept, innermost first; empty when it only lacked a processor
   */
  record OffCpu(long atNanos, int pid, int tid, long sinceNanos, long runnableNanos, long[] kernel)
      implements ProfileEvent {}
}
