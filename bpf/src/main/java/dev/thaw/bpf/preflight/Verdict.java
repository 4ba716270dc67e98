package dev.thaw.bpf.preflight;

/** What a check says of the machine, from best to worst. */
public enum Verdict {
  /** As it is needed. */
  OK("ok", "fit", 0),
  /** Not to be seen from here; nothing that could be seen speaks against the machine. */
  UNKNOWN("unknown", "fit", 0),
  /** Traffic can be steered, but something named is lost. */
  DEGRADED("degraded", "degraded", 3),
  /** Traffic cannot be steered, or starts cannot be seen: {@code thaw run} would only observe. */
  UNFIT("unfit", "unfit", 4);

  private final String word;
  private final String machine;
  private final int exitCode;

  Verdict(String word, String machine, int exitCode) {
    this.word = word;
    this.machine = machine;
    this.exitCode = exitCode;
  }

  /** Of one check. */
  public String word() {
    return word;
  }

  /** Of a machine whose worst check this is. */
  public String ofMachine() {
    return machine;
  }

  /** What {@code thaw preflight} ends with when this is the worst check. */
  public int exitCode() {
    return exitCode;
  }
}
