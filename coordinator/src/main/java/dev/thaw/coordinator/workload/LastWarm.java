package dev.thaw.coordinator.workload;

import dev.thaw.config.Mode;
import dev.thaw.coordinator.gate.Probing;
import dev.thaw.persistence.Climb;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Why;
import java.util.Comparator;
import java.util.Optional;

/**
 * Weights are relative: where nobody takes a whole share, cold pods carry everything anyway. Then
 * the best of those that may serve is called full, and the others climb beside it.
 */
final class LastWarm {
  private final Rungs rungs;

  LastWarm(Rungs rungs) {
    this.rungs = rungs;
  }

  void keep(Turn turn) {
    if (turn.state().mode() != Mode.RAMP || !turn.warm().isEmpty()) {
      return;
    }
    boolean deserted = turn.state().table().entries().isEmpty();
    best(turn, deserted)
        .ifPresent(
            member ->
                turn.decide(
                    Ladder.entered(
                        turn,
                        rungs,
                        member,
                        rungs.last(),
                        Why.NOTHING_WARM,
                        "no other pod takes a whole share")));
  }

  /** A frozen pod is moved only where there would be nobody at all. */
  private Optional<Member> best(Turn turn, boolean deserted) {
    return turn.members().stream()
        .filter(member -> maySoonServe(member.stage()))
        .filter(member -> turn.pod(member.pod()).probing() == Probing.GOOD)
        .filter(member -> deserted || !turn.state().frozen(member))
        .min(
            Comparator.comparing((Member member) -> breachStands(member.stage()))
                .thenComparing(member -> -member.weight())
                .thenComparing(Member::slot));
  }

  private boolean maySoonServe(Stage stage) {
    return stage instanceof Stage.Climbing climbing && climbing.birth().confirmed()
        || stage instanceof Stage.Confirmed confirmed && rungs.warmedUp(confirmed.birth());
  }

  private static boolean breachStands(Stage stage) {
    return stage instanceof Stage.Climbing climbing && isStanding(climbing.climb());
  }

  private static boolean isStanding(Climb climb) {
    return climb.breachStands();
  }
}
