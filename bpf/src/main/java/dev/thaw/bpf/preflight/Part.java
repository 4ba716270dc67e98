package dev.thaw.bpf.preflight;

/** A part of Thaw that a failed check takes away. */
public enum Part {
  /** Kernel events of starts: exec, LISTEN, exit. */
  SIGNALS("signals"),
  /** Marks of a Go runtime: runtime.main, main.main. */
  MARKS("marks"),
  /** The in-kernel table of weights. */
  BALANCING("balancing"),
  /** Counts of connections made and failed; picks are counted without it. */
  CONNECT_COUNTS("connect-counts"),
  /** Retransmits and block latency; stalls are read without it. */
  PRESSURE("pressure"),
  /** Control groups with a CPU limit. */
  LIMITS("limits"),
  /** {@code thaw trace}'s stacks and steps. */
  TRACE("trace"),
  /** {@code thaw run --first-start stop}. */
  FIRST_START("first-start");

  private final String word;

  Part(String word) {
    this.word = word;
  }

  /** As JSON and people see it. */
  public String word() {
    return word;
  }
}
