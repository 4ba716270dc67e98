package dev.thaw.coordinator.pod;

import dev.thaw.coordinator.workload.Fact;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;

/**
 * How a pod is named to people.
 *
 * @param state one of appeared, started, confirming, confirmed, warming, climbing, full, ejected,
 *     aborted, draining, gone
 * @param reason one word; empty when there is none
 * @param detail a sentence; empty when there is none
 */
public record Status(String state, String reason, String detail) {

  /** What journal and node say together; the decision has the last word. */
  public static Status of(Member member, PodState known) {
    Stage stage = member.stage();
    if (known instanceof PodState.Draining) {
      return new Status("draining", "", "");
    } else if (stage instanceof Stage.Ended ended) {
      return new Status("gone", Reasons.EXITED, ended.detail());
    } else if (known instanceof PodState.Gone gone) {
      return new Status("gone", Reasons.EXITED, gone.how());
    } else if (stage instanceof Stage.Ejected ejected) {
      return new Status("ejected", ejected.reason(), ejected.detail());
    } else if (stage instanceof Stage.Aborted) {
      return new Status("aborted", Reasons.ABORTED, "");
    } else if (stage instanceof Stage.Refused refused) {
      return new Status("confirmed", Reasons.WARMUP_FAILED, refused.detail());
    } else if (stage.weight() > 0) {
      return new Status(member.warm() ? "full" : "climbing", "", failing(known));
    } else if (stage instanceof Stage.Climbing) {
      return new Status("climbing", "", "waits before its next attempt");
    } else if (stage instanceof Stage.Confirmed) {
      return new Status(known instanceof PodState.Warming ? "warming" : "confirmed", "", "");
    }
    return cold(known);
  }

  /** What its probe fails with at present: in observe mode it has its weight all the same. */
  private static String failing(PodState known) {
    return known
        .facts()
        .flatMap(StartFacts::probed)
        .filter(streak -> streak.failuresInRow() > 0)
        .map(Fact.Probed::detail)
        .orElse("");
  }

  private static Status cold(PodState known) {
    if (known instanceof PodState.Appeared appeared) {
      return new Status("appeared", "", appeared.trouble());
    } else if (known instanceof PodState.Started) {
      return new Status("started", "", "");
    }
    String error = known.facts().map(facts -> facts.lastError()).orElse("");
    return new Status("confirming", "", error);
  }
}
