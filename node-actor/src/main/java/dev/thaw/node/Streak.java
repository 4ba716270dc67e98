package dev.thaw.node;

import dev.thaw.protocol.v1.ProbeReport;

/** Probe results in a row; one of the two is always zero. */
record Streak(int successes, int failures) {
  static final Streak NONE = new Streak(0, 0);

  /** A server that asks for fewer PINGs has neither passed nor failed. */
  Streak after(ProbeOutcome outcome) {
    if (outcome.kind() == ProbeReport.Outcome.CALM) {
      return this;
    }
    return outcome.isSuccess() ? new Streak(successes + 1, 0) : new Streak(0, failures + 1);
  }
}
