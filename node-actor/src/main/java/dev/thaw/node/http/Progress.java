package dev.thaw.node.http;

import java.time.Duration;

/**
 * How far the answer to what was asked last has come, so that an answer that is late can be called
 * what it is: silence, slowness, or no room to ask in. Event loop only.
 */
final class Progress {
  private final Target target;
  private final Arrivals arrivals;
  private long heardOut;
  private boolean answeredBefore;
  private boolean interim;
  private boolean windowed;

  Progress(Target target, Arrivals arrivals) {
    this.target = target;
    this.arrivals = arrivals;
  }

  /** Something is asked now. */
  void asked() {
    heardOut = arrivals.bytes();
    interim = false;
  }

  /** What has come so far is polite, and no part of an answer. */
  void polite() {
    heardOut = arrivals.bytes();
  }

  /** Whether the answer that has begun is only 1xx so far. */
  void interim(boolean only) {
    interim = only;
  }

  /** Whether a part of the request waits until the server has room for it. */
  void windowed(boolean waits) {
    windowed = waits;
  }

  void answered() {
    answeredBefore = true;
  }

  /** What an answer is that has not come within {@code limit}. */
  Failure late(Duration limit) {
    String within = " within " + limit.toMillis() + " ms";
    if (windowed) {
      return failure(Failure.Kind.FLOW_CONTROL, "gave no window to send the request in" + within);
    } else if (interim) {
      return failure(Failure.Kind.INTERIM_ONLY, "sent 1xx and no answer" + within);
    } else if (arrivals.bytes() > heardOut) {
      return failure(Failure.Kind.SLOW, "began to answer and did not end" + within);
    } else if (answeredBefore) {
      return failure(
          Failure.Kind.HALF_OPEN, "fell silent on an open connection: no answer" + within);
    }
    return failure(Failure.Kind.HUNG, "took the connection and gave no answer" + within);
  }

  private Failure failure(Failure.Kind kind, String sentence) {
    return Failures.failure(kind, target, sentence);
  }
}
