package dev.thaw.node;

/** Probe results in a row; one of the two is always zero. */
record Streak(int successes, int failures) {
  static final Streak NONE = new Streak(0, 0);

  Streak after(boolean success) {
    return success ? new Streak(successes + 1, 0) : new Streak(0, failures + 1);
  }
}
