package dev.thaw.coordinator.api;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.CohortId;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.util.List;
import java.util.Optional;

/** Whether a decision is about a pod. Pure. */
final class Concerns {

  private Concerns() {}

  /** What is about all is about each that was there. */
  static boolean pod(Workload before, Workload after, WorkloadEvent event, PodUid uid) {
    if (event instanceof WorkloadEvent.Opened) {
      return before.member(uid).isPresent();
    } else if (event instanceof WorkloadEvent.Paused e) {
      return named(before, e.pods(), uid);
    } else if (event instanceof WorkloadEvent.Resumed e) {
      return named(before, e.pods(), uid);
    } else if (event instanceof WorkloadEvent.RungEntered e) {
      return e.pods().contains(uid);
    } else if (event instanceof WorkloadEvent.RungApplied e) {
      return climbs(before, e.cohort(), uid);
    } else if (event instanceof WorkloadEvent.Passed e) {
      return climbs(before, e.cohort(), uid);
    } else if (event instanceof WorkloadEvent.WentBack e) {
      return climbs(before, e.cohort(), uid);
    } else if (event instanceof WorkloadEvent.Settled e) {
      return climbs(before, e.cohort(), uid);
    }
    Optional<Member> was = before.member(uid);
    return !was.equals(after.member(uid));
  }

  private static boolean named(Workload state, List<PodUid> pods, PodUid uid) {
    return pods.isEmpty() ? state.member(uid).isPresent() : pods.contains(uid);
  }

  private static boolean climbs(Workload state, CohortId cohort, PodUid uid) {
    return state
        .member(uid)
        .filter(
            member ->
                member.stage() instanceof Stage.Climbing climbing
                    && climbing.climb().cohort().equals(cohort))
        .isPresent();
  }
}
