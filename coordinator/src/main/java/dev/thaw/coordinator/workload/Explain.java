package dev.thaw.coordinator.workload;

import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;

/** Says a decision in a plain sentence, for {@code thaw why}. */
public final class Explain {

  private Explain() {}

  /** One sentence without the pod's name and the time, which stand beside it. */
  public static String text(WorkloadEvent event) {
    if (event instanceof WorkloadEvent.Opened e) {
      return "A coordinator took over as writer number %d, in mode %s."
          .formatted(e.term(), e.mode().name().toLowerCase(java.util.Locale.ROOT));
    } else if (event instanceof WorkloadEvent.Joined e) {
      return "Joined at %s with place %d in the table and no traffic."
          .formatted(e.endpoint(), e.slot());
    } else if (event instanceof WorkloadEvent.Started e) {
      return "A new process started (%s): no traffic until it proves itself.".formatted(e.start());
    } else if (event instanceof WorkloadEvent.Confirmed) {
      return "Its probe succeeded often enough in a row: it may serve.";
    } else if (event instanceof WorkloadEvent.Warmed e) {
      return e.accepted()
          ? "Warm-up requests are over: %s.".formatted(e.detail())
          : "Held at no traffic (WarmupFailed): %s.".formatted(e.detail());
    } else if (event instanceof WorkloadEvent.RungEntered e) {
      return "Given %d%% of its share (rung %d): %s%s."
          .formatted(
              e.weight(), e.rung(), why(e.why()), e.detail().isEmpty() ? "" : "; " + e.detail());
    } else if (event instanceof WorkloadEvent.RungApplied e) {
      return "Every plane applied rung %d: its hold begins.".formatted(e.rung());
    } else if (event instanceof WorkloadEvent.Passed e) {
      return "Evidence in its favour on rung %d, %d in a row, after %.1f s of climbing."
          .formatted(e.rung(), e.inRow(), e.climbMillis() / 1e3);
    } else if (event instanceof WorkloadEvent.WentBack e) {
      return "Sent back from rung %d to %d%% (breach %d): %s; pauses for %s."
          .formatted(
              e.fromRung(),
              e.weight(),
              e.breaches(),
              e.reason(),
              seconds(Duration.ofMillis(e.waitMillis())));
    }
    return rest(event);
  }

  private static String rest(WorkloadEvent event) {
    if (event instanceof WorkloadEvent.Settled) {
      return "Full, and watched no longer.";
    } else if (event instanceof WorkloadEvent.Ejected e && e.reason().equals(Reasons.ENDING)) {
      return "Lost its traffic: its end was asked for.";
    } else if (event instanceof WorkloadEvent.Ejected e) {
      return "Lost its traffic (%s)%s."
          .formatted(e.reason(), e.detail().isEmpty() ? "" : ": " + e.detail());
    } else if (event instanceof WorkloadEvent.Left e) {
      return "Left: %s.".formatted(e.reason());
    } else if (event instanceof WorkloadEvent.Paused) {
      return "An operator froze its rungs.";
    } else if (event instanceof WorkloadEvent.Resumed) {
      return "An operator let its rungs go on.";
    } else if (event instanceof WorkloadEvent.Aborted) {
      return "An operator keeps it at no traffic until promote or retry.";
    } else if (event instanceof WorkloadEvent.Retried) {
      return "An operator lets it begin again.";
    }
    throw new IllegalStateException("an event nobody explains: " + event);
  }

  private static String why(Why why) {
    return switch (why) {
      case GATE_PASSED -> "its gate passed";
      case OPERATOR_COMMAND -> "by an operator's command (OperatorCommand)";
      case NOTHING_WARM -> "no pod was warm (NothingWarm)";
      case OVERLOAD_ESCAPE -> "the warm pods were overloaded (OverloadEscape)";
      case FAIL_OPEN -> "nobody could decide (FailOpen)";
      case NO_EVIDENCE -> "without evidence for or against it (NoEvidence)";
      case TOO_FEW_REQUESTS -> "too few requests to judge by (TooFewRequests)";
      case OBSERVE_MODE -> "Thaw only observes (ObserveMode)";
      case GATE_MODE -> "the mode knows no rungs (GateMode)";
    };
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() / 1e3 + " s";
  }
}
