package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.CohortId;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.util.function.UnaryOperator;

/** What a decision makes void among the facts in memory. */
final class Aftermath {

  private Aftermath() {}

  /** The facts after an event; {@code before} is the state that does not hold it yet. */
  static Live of(Live live, Workload before, WorkloadEvent event) {
    if (event instanceof WorkloadEvent.RungEntered e) {
      Live next = live;
      for (PodUid pod : e.pods()) {
        next = next.with(pod, PodLive::onAnotherRung);
      }
      return next;
    } else if (event instanceof WorkloadEvent.WentBack e) {
      return climbers(live, before, e.cohort(), PodLive::onAnotherRung);
    } else if (event instanceof WorkloadEvent.Left e) {
      return live.without(e.pod());
    } else if (event instanceof WorkloadEvent.Ejected e) {
      return live.with(e.pod(), PodLive::offTheLadder);
    } else if (event instanceof WorkloadEvent.Aborted e) {
      return live.with(e.pod(), PodLive::offTheLadder);
    } else if (event instanceof WorkloadEvent.Retried e) {
      return live.with(e.pod(), PodLive::offTheLadder);
    } else if (event instanceof WorkloadEvent.Settled e) {
      return climbers(live, before, e.cohort(), PodLive::offTheLadder);
    }
    return live;
  }

  private static Live climbers(
      Live live, Workload before, CohortId cohort, UnaryOperator<PodLive> change) {
    Live next = live;
    for (Member member : before.climbing(cohort)) {
      next = next.with(member.pod(), change);
    }
    return next;
  }
}
