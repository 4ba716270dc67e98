package dev.thaw.coordinator.workload;

import dev.thaw.config.Mode;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Probing;
import dev.thaw.persistence.Birth;
import dev.thaw.persistence.Climb;
import dev.thaw.persistence.CohortId;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings a decision to rest: whatever is due by state, facts and clock, until nothing is. A birth
 * is a cohort of its own, named after its start.
 */
final class Ladder {
  private final WarmupPolicy policy;
  private final Rungs rungs;
  private final Samples samples;
  private final Watching watching;
  private final LastWarm lastWarm;

  Ladder(WarmupPolicy policy, Samples samples) {
    this.policy = policy;
    this.rungs = new Rungs(policy);
    this.samples = samples;
    this.watching = new Watching(policy, rungs, new Assay(policy, rungs, samples));
    this.lastWarm = new LastWarm(rungs);
  }

  void settle(Turn turn) {
    int decided;
    do {
      decided = turn.events().size();
      acknowledged(turn);
      turn.members().forEach(member -> begin(turn, member.pod()));
      turn.members().forEach(member -> goOn(turn, member.pod()));
      lastWarm.keep(turn);
    } while (turn.events().size() > decided);
  }

  /** The hold of a rung begins when every plane holds its table. */
  private void acknowledged(Turn turn) {
    if (!turn.live().acknowledged(turn.state())) {
      return;
    }
    for (Member member : turn.members()) {
      if (member.stage() instanceof Stage.Climbing climbing && climbing.weight() > 0) {
        if (!climbing.climb().applied()) {
          turn.decide(
              new WorkloadEvent.RungApplied(
                  climbing.climb().cohort(), climbing.climb().rung(), turn.wall()));
        }
        if (turn.pod(member.pod()).watch().isEmpty()) {
          open(turn, member, climbing);
        }
      }
    }
  }

  private void open(Turn turn, Member member, Stage.Climbing climbing) {
    WarmupPolicy.GateDefaults gates = policy.birth().gateDefaults();
    PodLive pod = turn.pod(member.pod());
    var watch =
        new Watch(
            climbing.climb().rung(),
            turn.nanos(),
            turn.nanos() + gates.initialDelay().toNanos() + gates.interval().toNanos(),
            pod.tally().failures(),
            sentBack(climbing.climb()) ? Optional.empty() : samples.atHand(turn, pod),
            0,
            Map.of(),
            Optional.empty());
    long climbed = pod.climbedNanos().orElse(climbing.birth().climbMillis() * 1_000_000);
    turn.learn(member.pod(), known -> known.watching(watch).climbed(climbed));
  }

  /** What it was sent back for is not held against it again: only later counters will do. */
  private static boolean sentBack(Climb climb) {
    return climb.waitMillis() > 0;
  }

  private void begin(Turn turn, PodUid uid) {
    Member member = turn.state().member(uid).orElse(null);
    if (member == null || turn.state().frozen(member)) {
      return;
    }
    if (turn.state().mode() == Mode.OBSERVE) {
      if (letsItselfIn(turn, member)) {
        enter(turn, member, rungs.last(), Why.OBSERVE_MODE, "it listens, and Thaw only observes");
      }
    } else if (member.stage() instanceof Stage.Confirmed confirmed
        && rungs.warmedUp(confirmed.birth())
        && turn.pod(uid).probing() == Probing.GOOD) {
      if (turn.state().mode() == Mode.GATE) {
        enter(turn, member, rungs.last(), Why.GATE_MODE, "confirmed and warmed up");
      } else if (!turn.warm().isEmpty()) {
        enter(turn, member, 1, Why.GATE_PASSED, "its probe succeeds");
      }
    }
  }

  /** In observe mode nothing but a listener counts. */
  private static boolean letsItselfIn(Turn turn, Member member) {
    boolean listens = turn.pod(member.pod()).heard().filter(Heard::listening).isPresent();
    return listens && !member.warm() && !(member.stage() instanceof Stage.Aborted);
  }

  private void goOn(Turn turn, PodUid uid) {
    Member member = turn.state().member(uid).orElse(null);
    if (member == null || !(member.stage() instanceof Stage.Climbing climbing)) {
      return;
    }
    if (turn.state().mode() != Mode.RAMP) {
      withoutLadder(turn, member, climbing);
    } else if (!turn.state().frozen(member)) {
      watching.goOn(turn, member, climbing);
    }
  }

  /** These modes watch nothing; who climbs here has begun under another mode. */
  private void withoutLadder(Turn turn, Member member, Stage.Climbing climbing) {
    if (member.warm() && climbing.climb().applied()) {
      turn.decide(new WorkloadEvent.Settled(climbing.climb().cohort(), turn.wall()));
    } else if (!member.warm()
        && turn.state().mode() == Mode.GATE
        && climbing.birth().confirmed()
        && turn.pod(member.pod()).probing() == Probing.GOOD) {
      enter(turn, member, rungs.last(), Why.GATE_MODE, "this mode knows no rungs");
    }
  }

  private void enter(Turn turn, Member member, int rung, Why why, String detail) {
    turn.decide(entered(turn, rungs, member, rung, why, detail));
  }

  /** The event with which a member takes a rung; its cohort is its start. */
  static WorkloadEvent.RungEntered entered(
      Turn turn, Rungs rungs, Member member, int rung, Why why, String detail) {
    Birth birth = member.stage().born().orElseThrow();
    return new WorkloadEvent.RungEntered(
        new CohortId(birth.start().value()),
        List.of(member.pod()),
        rung,
        rungs.weight(rung),
        why,
        detail,
        turn.wall());
  }

  static WorkloadEvent.Ejected ejected(Turn turn, Member member, String reason, String detail) {
    return new WorkloadEvent.Ejected(
        member.pod(), member.start().orElseThrow(), reason, detail, turn.wall());
  }

  /** Whether taking traffic from this member would leave it to nobody better. */
  static boolean lastResort(Turn turn, Member member) {
    return turn.state().members().values().stream()
        .filter(other -> !other.pod().equals(member.pod()))
        .noneMatch(other -> member.warm() ? other.warm() : other.weight() > 0);
  }

  /** The reason of a breach that the errors gate and a failing probe share. */
  static boolean bothFuses(String reason) {
    return reason.equals(Reasons.BOTH_FUSES);
  }
}
