package dev.thaw.coordinator.workload;

import dev.thaw.config.Mode;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Probing;
import dev.thaw.persistence.Birth;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.WorkloadEvent;
import java.util.function.UnaryOperator;

/** What a fact about a start changes. A fact about any other start than the present one is void. */
final class Facts {
  private final WarmupPolicy policy;

  Facts(WarmupPolicy policy) {
    this.policy = policy;
  }

  void moved(Turn turn, Input.PodMoved moved) {
    Member member = turn.state().member(moved.pod()).orElse(null);
    if (member == null) {
      return;
    }
    if (moved.fact() instanceof Fact.Started started) {
      started(turn, member, moved, started);
    } else if (member.is(moved.start())
        && turn.pod(moved.pod()).heard().isPresent()
        && !(member.stage() instanceof Stage.Ended)) {
      told(turn, member, moved);
    }
  }

  private void started(Turn turn, Member member, Input.PodMoved moved, Fact.Started fact) {
    PodLive known = turn.pod(member.pod());
    Heard news = Heard.started(moved.start(), fact.execNanos());
    if (member.is(moved.start())) {
      if (known.heard().isEmpty()) {
        goesOn(turn, member, moved.start());
        turn.learn(member.pod(), pod -> pod.heard(news));
      }
    } else if (known.heard().filter(now -> now.execNanos() > fact.execNanos()).isEmpty()) {
      turn.decide(new WorkloadEvent.Started(member.pod(), moved.start(), turn.wall()));
      turn.learn(member.pod(), pod -> pod.newStart(news));
    }
  }

  /** Its end was asked for by a run that did not live to see it: it has to prove itself again. */
  private static void goesOn(Turn turn, Member member, StartId start) {
    if (member.stage() instanceof Stage.Ended ended && ended.reason().equals(Reasons.ENDING)) {
      turn.decide(new WorkloadEvent.Started(member.pod(), start, turn.wall()));
    }
  }

  private void told(Turn turn, Member member, Input.PodMoved moved) {
    if (moved.fact() instanceof Fact.Listening fact) {
      hear(turn, member, heard -> heard.listening(fact.open()));
    } else if (moved.fact() instanceof Fact.Probed fact) {
      probed(turn, member, fact);
    } else if (moved.fact() instanceof Fact.Confirmed) {
      confirmed(turn, member);
    } else if (moved.fact() instanceof Fact.WarmupEnded fact) {
      warmed(turn, member, fact);
    } else if (moved.fact() instanceof Fact.NeverServed fact) {
      neverServed(turn, member, fact);
    } else if (moved.fact() instanceof Fact.Ending) {
      eject(turn, member, Reasons.ENDING, "");
    } else if (moved.fact() instanceof Fact.Exited fact) {
      eject(turn, member, Reasons.EXITED, fact.how());
    }
  }

  private void probed(Turn turn, Member member, Fact.Probed fact) {
    boolean good = fact.failuresInRow() == 0;
    hear(turn, member, heard -> heard.probing(good ? Probing.GOOD : Probing.FAILING));
    if (turn.state().mode() != Mode.OBSERVE
        && fact.failuresInRow() >= policy.probe().failureThreshold()
        && believedToAnswer(member.stage())) {
      eject(
          turn,
          member,
          Reasons.PROBE_FAILED,
          "%d in a row: %s".formatted(fact.failuresInRow(), fact.detail()));
    }
  }

  /** Others have nothing to lose, or an operator has the last word on them. */
  private static boolean believedToAnswer(Stage stage) {
    return (stage instanceof Stage.Confirmed
            || stage instanceof Stage.Climbing
            || stage instanceof Stage.Settled)
        && stage.born().filter(Birth::confirmed).isPresent();
  }

  private static void confirmed(Turn turn, Member member) {
    hear(turn, member, heard -> heard.probing(Probing.GOOD));
    Birth birth = member.stage().born().orElseThrow();
    if (!birth.confirmed() && !(member.stage() instanceof Stage.Refused)) {
      turn.decide(new WorkloadEvent.Confirmed(member.pod(), birth.start(), turn.wall()));
    }
  }

  private void warmed(Turn turn, Member member, Fact.WarmupEnded fact) {
    hear(turn, member, heard -> heard.warmedUntil(fact.endedNanos()));
    Birth birth = member.stage().born().orElseThrow();
    if (policy.warmup().isEmpty() || birth.warmed()) {
      return;
    }
    double limit = policy.warmup().get().maxErrorRatio();
    boolean accepted = fact.sent() > 0 && fact.errors() <= limit * fact.sent();
    boolean counts =
        accepted
            ? !(member.stage() instanceof Stage.Refused)
            : member.stage() instanceof Stage.Confirmed;
    if (counts) {
      turn.decide(
          new WorkloadEvent.Warmed(member.pod(), birth.start(), accepted, said(fact), turn.wall()));
    }
  }

  private static String said(Fact.WarmupEnded fact) {
    String counts = "%d of %d warm-up requests failed".formatted(fact.errors(), fact.sent());
    return fact.lastError().isEmpty() ? counts : counts + ", the last with: " + fact.lastError();
  }

  private static void neverServed(Turn turn, Member member, Fact.NeverServed fact) {
    Birth birth = member.stage().born().orElseThrow();
    boolean open = member.stage() instanceof Stage.Cold || member.stage() instanceof Stage.Climbing;
    if (open && !birth.confirmed()) {
      eject(turn, member, Reasons.NEVER_SERVED, fact.lastError());
    }
  }

  private static void eject(Turn turn, Member member, String reason, String detail) {
    turn.decide(
        new WorkloadEvent.Ejected(
            member.pod(), member.start().orElseThrow(), reason, detail, turn.wall()));
  }

  private static void hear(Turn turn, Member member, UnaryOperator<Heard> change) {
    turn.learn(
        member.pod(), pod -> pod.heard().map(heard -> pod.heard(change.apply(heard))).orElse(pod));
  }
}
