package dev.thaw.node;

import dev.thaw.node.http.Failure;
import dev.thaw.protocol.v1.ProbeReport;

/**
 * What a pod answered to one question, or why it did not. Pure.
 *
 * @param detail a sentence; empty for a success
 * @param httpStatus 0 where there was none
 */
record Answer(ProbeReport.Outcome outcome, String detail, int httpStatus) {
  static final Answer GOOD = new Answer(ProbeReport.Outcome.SUCCESS, "", 0);

  /** By the status of an HTTP answer, as the kubelet judges it. */
  static Answer ofStatus(int status) {
    return status >= 200 && status <= 399
        ? GOOD
        : new Answer(ProbeReport.Outcome.BAD_STATUS, "it answered with status " + status, status);
  }

  static Answer of(Failure failure) {
    return new Answer(outcome(failure.kind()), failure.getMessage(), 0);
  }

  boolean isOf(Failure failure) {
    return equals(of(failure));
  }

  /** Each kind of failure has its outcome, of the same name. */
  static ProbeReport.Outcome outcome(Failure.Kind kind) {
    return ProbeReport.Outcome.valueOf(kind.name());
  }

  boolean isGood() {
    return outcome == ProbeReport.Outcome.SUCCESS;
  }
}
