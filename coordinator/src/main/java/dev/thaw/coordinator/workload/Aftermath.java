package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.CohortId;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;

/** What a decision makes void among the facts in memory. */
final class Aftermath {

  private Aftermath() {}

  /** The facts after an event; {@code state} already holds it. */
  static Live of(Live live, Workload state, WorkloadEvent event) {
    if (event instanceof WorkloadEvent.RungEntered e) {
      Live next = live;
      for (PodUid pod : e.pods()) {
        next = next.with(pod, PodLive::onAnotherRung);
      }
      return next;
    } else if (event instanceof WorkloadEvent.WentBack e) {
      return climbers(live, state, e.cohort());
    } else if (event instanceof WorkloadEvent.Left e) {
      return live.without(e.pod());
    } else if (event instanceof WorkloadEvent.Ejected e) {
      return live.with(e.pod(), PodLive::offTheLadder);
    } else if (event instanceof WorkloadEvent.Aborted e) {
      return live.with(e.pod(), PodLive::offTheLadder);
    } else if (event instanceof WorkloadEvent.Retried e) {
      return live.with(e.pod(), PodLive::offTheLadder);
    } else if (event instanceof WorkloadEvent.Settled) {
      return settled(live, state);
    }
    return live;
  }

  private static Live climbers(Live live, Workload state, CohortId cohort) {
    Live next = live;
    for (Member member : state.members().values()) {
      if (member.stage() instanceof Stage.Climbing climbing
          && climbing.climb().cohort().equals(cohort)) {
        next = next.with(member.pod(), PodLive::onAnotherRung);
      }
    }
    return next;
  }

  private static Live settled(Live live, Workload state) {
    Live next = live;
    for (Member member : state.members().values()) {
      if (member.stage() instanceof Stage.Settled) {
        next = next.with(member.pod(), PodLive::offTheLadder);
      }
    }
    return next;
  }
}
