package dev.thaw.coordinator.workload;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Probing;
import dev.thaw.coordinator.gate.Verdict;
import dev.thaw.persistence.Climb;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.util.Optional;

/** What is due for one climbing member of a ramped workload whose rungs are not frozen. */
final class Watching {
  private final WarmupPolicy policy;
  private final Rungs rungs;
  private final Assay assay;

  Watching(WarmupPolicy policy, Rungs rungs, Assay assay) {
    this.policy = policy;
    this.rungs = rungs;
    this.assay = assay;
  }

  void goOn(Turn turn, Member member, Stage.Climbing climbing) {
    pause(turn, member, climbing.climb());
    if (climbing.climb().rung() == 0) {
      fromTheGround(turn, member, climbing);
      return;
    }
    PodLive pod = turn.pod(member.pod());
    if (pod.watch().isEmpty() || turn.live().planes().isEmpty()) {
      return;
    }
    Watch watch = pod.watch().get();
    if (turn.nanos() >= watch.nextVerdict()) {
      judged(turn, member, climbing, judge(turn, member, watch));
    }
    turn.state()
        .member(member.pod())
        .filter(now -> now.stage() instanceof Stage.Climbing)
        .ifPresent(now -> further(turn, now, (Stage.Climbing) now.stage()));
  }

  /** A pause begins when it is decided, and anew when this writer learns of it from its journal. */
  private static void pause(Turn turn, Member member, Climb climb) {
    if (climb.waitMillis() > 0 && turn.pod(member.pod()).pauseUntil().isEmpty()) {
      long until = turn.nanos() + climb.waitMillis() * 1_000_000;
      turn.learn(member.pod(), pod -> pod.pausing(until));
    }
  }

  private static boolean pausing(Turn turn, Member member) {
    long until = turn.pod(member.pod()).pauseUntil().orElse(Long.MIN_VALUE);
    return turn.nanos() < until;
  }

  /** Who began by an operator's word may lack what the first rung asks for. */
  private void fromTheGround(Turn turn, Member member, Stage.Climbing climbing) {
    if (!pausing(turn, member)
        && rungs.warmedUp(climbing.birth())
        && turn.pod(member.pod()).probing() == Probing.GOOD) {
      enter(turn, member, 1, Why.GATE_PASSED, "another attempt after its pause");
    }
  }

  /** The next verdict is due an interval from now: a late one is never made up for. */
  private Verdict judge(Turn turn, Member member, Watch watch) {
    Verdict verdict = assay.verdict(turn, member, watch);
    if (verdict.kind() == Verdict.Kind.BREACH && Ladder.lastResort(turn, member)) {
      verdict =
          new Verdict(
              Verdict.Kind.INCONCLUSIVE,
              Verdict.LAST_WARM,
              "nobody warmer could take its traffic; " + verdict.detail(),
              verdict.requests());
    }
    Verdict last = verdict;
    long next = turn.nanos() + policy.birth().gateDefaults().interval().toNanos();
    turn.learn(member.pod(), pod -> pod.watching(watch.judged(last, next)));
    return last;
  }

  private void judged(Turn turn, Member member, Stage.Climbing climbing, Verdict verdict) {
    if (verdict.kind() == Verdict.Kind.BREACH) {
      breached(turn, member, climbing, verdict);
    } else if (verdict.kind() == Verdict.Kind.PASS && !pausing(turn, member)) {
      turn.decide(
          new WorkloadEvent.Passed(
              climbing.climb().cohort(),
              climbing.climb().rung(),
              climbing.climb().passes() + 1,
              climbed(turn, member).toMillis(),
              turn.wall()));
    }
  }

  /** Still bad while it pauses: further down at once, but it is one attempt that has failed. */
  private void breached(Turn turn, Member member, Stage.Climbing climbing, Verdict verdict) {
    boolean sameAttempt = pausing(turn, member);
    int breaches = climbing.birth().breaches() + (sameAttempt ? 0 : 1);
    if (Ladder.bothFuses(verdict.reason())) {
      turn.decide(Ladder.ejected(turn, member, Reasons.BOTH_FUSES, verdict.detail()));
    } else if (!sameAttempt && breaches >= policy.birth().maxBreaches()) {
      turn.decide(Ladder.ejected(turn, member, Reasons.BREACHES, verdict.detail()));
    } else {
      Climb climb = climbing.climb();
      int from = climb.rung();
      int to = Math.min(from, rungs.last()) - 1;
      turn.decide(
          new WorkloadEvent.WentBack(
              climb.cohort(),
              from,
              to,
              rungs.weight(to),
              breaches,
              rungs.retryAfter(breaches).toMillis(),
              verdict.reason() + ": " + verdict.detail(),
              turn.wall()));
    }
  }

  private void further(Turn turn, Member member, Stage.Climbing climbing) {
    PodLive pod = turn.pod(member.pod());
    if (pod.watch().isEmpty() || pausing(turn, member)) {
      return;
    }
    Climb climb = climbing.climb();
    if (held(climb, pod)) {
      onwards(turn, member, climb, rungs.whyHeld(climb.rung()), "its rung's hold is met");
    } else if (ceilingReached(turn, member, climb)) {
      ceiling(turn, member, climb);
    } else if (tooFew(turn, member, climb)) {
      onwards(
          turn, member, climb, Why.TOO_FEW_REQUESTS, "its rung cannot see enough requests in time");
    }
  }

  /** Passes may be from the journal: somebody must have looked since, unless no look is asked. */
  private boolean held(Climb climb, PodLive pod) {
    return rungs.held(climb)
        && (rungs.passesNeeded(climb.rung()) == 0
            || pod.watch()
                .flatMap(Watch::last)
                .filter(last -> last.kind() == Verdict.Kind.PASS)
                .isPresent());
  }

  private void onwards(Turn turn, Member member, Climb climb, Why why, String detail) {
    int next = climb.rung() + 1;
    if (rungs.isLast(climb)) {
      if (why != Why.TOO_FEW_REQUESTS) {
        turn.decide(new WorkloadEvent.Settled(climb.cohort(), turn.wall()));
      }
    } else if (next < rungs.last()
        || climbed(turn, member).compareTo(policy.birth().floor()) >= 0) {
      enter(turn, member, next, why, detail);
    }
  }

  private boolean ceilingReached(Turn turn, Member member, Climb climb) {
    Optional<Duration> ceiling = policy.birth().ceiling();
    return ceiling.isPresent()
        && climbed(turn, member).compareTo(ceiling.get()) >= 0
        && !climb.breachStands()
        && turn.pod(member.pod()).probing() == Probing.GOOD;
  }

  private void ceiling(Turn turn, Member member, Climb climb) {
    if (rungs.isLast(climb)) {
      turn.decide(new WorkloadEvent.Settled(climb.cohort(), turn.wall()));
    } else {
      enter(turn, member, rungs.last(), Why.NO_EVIDENCE, "the ladder's ceiling is reached");
    }
  }

  /**
   * Whether the rung's requests cannot come in time even at the highest rate that what was seen
   * still allows: with k requests in t seconds (k + 2 sqrt(k) + 3) / t bounds the rate from above.
   */
  private boolean tooFew(Turn turn, Member member, Climb climb) {
    Watch watch = turn.pod(member.pod()).watch().orElseThrow();
    Verdict last = watch.last().orElse(null);
    long seenFor = turn.nanos() - watch.since();
    if (last == null
        || !last.reason().equals(Verdict.TOO_FEW_REQUESTS)
        || climb.breachStands()
        || policy.birth().ceiling().isEmpty()
        || seenFor < rungs.rung(climb.rung()).hold().toNanos()) {
      return false;
    }
    double k = last.requests();
    double bound = (k + 2 * Math.sqrt(k) + 3) / seenFor;
    long left = policy.birth().ceiling().get().minus(climbed(turn, member)).toNanos();
    return bound * left < rungs.rung(climb.rung()).minRequests() - k;
  }

  private static Duration climbed(Turn turn, Member member) {
    return Duration.ofNanos(turn.pod(member.pod()).climbedNanos().orElse(0));
  }

  private void enter(Turn turn, Member member, int rung, Why why, String detail) {
    turn.decide(Ladder.entered(turn, rungs, member, rung, why, detail));
  }
}
