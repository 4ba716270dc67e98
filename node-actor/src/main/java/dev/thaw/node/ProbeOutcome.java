package dev.thaw.node;

import dev.thaw.protocol.v1.ProbeReport;

/**
 * How one probe ended.
 *
 * @param detail a sentence
 * @param protocol as spoken; empty when it was not found out
 * @param inside asked from inside the pod's network namespace
 * @param sentNanos CLOCK_MONOTONIC
 */
record ProbeOutcome(
    ProbeReport.Outcome kind,
    String detail,
    String protocol,
    boolean inside,
    long sentNanos,
    long answeredNanos) {
  boolean isSuccess() {
    return kind == ProbeReport.Outcome.SUCCESS;
  }

  /** As it counts for a pod that listens no more: what answered is not what users would reach. */
  ProbeOutcome ofAnother() {
    return isSuccess()
        ? new ProbeOutcome(
            ProbeReport.Outcome.REFUSED,
            "it listens no more: another process answered, or a connection from before",
            protocol,
            inside,
            sentNanos,
            answeredNanos)
        : this;
  }
}
