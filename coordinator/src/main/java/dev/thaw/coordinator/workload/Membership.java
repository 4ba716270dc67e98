package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.WorkloadEvent;
import java.util.Set;
import java.util.stream.Collectors;

/** Who belongs to a workload. What is unknown removes nobody. */
final class Membership {

  /** How many complete lists in a row must lack a member before it is gone. */
  private static final int LISTS_TO_LEAVE = 2;

  void listed(Turn turn, Input.Digest digest) {
    for (Input.Known known : digest.members()) {
      if (turn.state().member(known.pod()).isEmpty()) {
        join(turn, known);
      }
    }
    Set<PodUid> present =
        digest.members().stream().map(Input.Known::pod).collect(Collectors.toSet());
    for (Member member : turn.members()) {
      int missing = present.contains(member.pod()) ? 0 : turn.pod(member.pod()).missing() + 1;
      if (missing >= LISTS_TO_LEAVE) {
        leave(turn, member, "missing from two complete lists");
      } else {
        turn.learn(member.pod(), pod -> pod.missing(missing));
      }
    }
  }

  void deleted(Turn turn, Input.Deleted deleted) {
    turn.state().member(deleted.pod()).ifPresent(member -> leave(turn, member, deleted.reason()));
  }

  /** Without a free slot a pod stays outside; the next list tries again. */
  private static void join(Turn turn, Input.Known known) {
    turn.state()
        .freeSlot()
        .ifPresent(
            slot ->
                turn.decide(
                    new WorkloadEvent.Joined(
                        known.pod(), known.name(), slot, known.endpoint(), turn.wall())));
  }

  private static void leave(Turn turn, Member member, String reason) {
    turn.decide(new WorkloadEvent.Left(member.pod(), reason, turn.wall()));
  }
}
