package dev.thaw.coordinator.workload;

import dev.thaw.config.Mode;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.persistence.Birth;
import dev.thaw.persistence.CohortId;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Observe mode's answer to "what would Thaw have done": the same core with mode ramp decides on a
 * workload that exists on paper, whose one plane acknowledges at once. Warm-up requests are not
 * sent in this mode, so they are left out on paper too.
 */
final class ShadowLadder {
  private static final String PLANE = "paper";

  private final WorkloadCore ramp;

  ShadowLadder(WarmupPolicy policy) {
    this.ramp =
        new WorkloadCore(
            new WarmupPolicy(
                policy.name(),
                Mode.RAMP,
                policy.service(),
                policy.targetPort(),
                policy.startDeadline(),
                policy.probe(),
                Optional.empty(),
                policy.metrics(),
                policy.birth()));
  }

  /** The decision on the real workload, with what the ladder would have decided beside it. */
  Decision decide(Turn turn, Input input, Moment now, WorkloadCore.Outcome outcome) {
    var wouldHave = new ArrayList<WorkloadEvent>();
    Live.Shadow paper = turn.live().shadow().orElseGet(() -> begin(turn, now));
    if (!(input instanceof Input.Open) && hasSense(input)) {
      paper = step(paper, input, now, wouldHave);
    }
    Live.Shadow next = paper;
    turn.learn(live -> live.shadowed(next));
    return WorkloadCore.decision(turn, wouldHave, outcome);
  }

  private static boolean hasSense(Input input) {
    return !(input instanceof Input.Command
        || input instanceof Input.TableApplied
        || input instanceof Input.TableRefused
        || input instanceof Input.SubscribersChanged);
  }

  /** Who was confirmed before this writer opened has had its ladder. */
  private Live.Shadow begin(Turn turn, Moment now) {
    Workload known = Workload.empty(turn.state().name());
    for (Member member : turn.state().members().values()) {
      known =
          known.apply(
              new WorkloadEvent.Joined(
                  member.pod(), member.name(), member.slot(), member.endpoint(), now.wall()));
      known = known.applyAll(past(member, now));
    }
    Decision opened =
        ramp.decide(known, Live.closed(now).connected(Set.of(PLANE)), new Input.Open(0), now);
    return acknowledge(
        new Live.Shadow(known.applyAll(opened.events()), opened.live()), now, new ArrayList<>());
  }

  private static List<WorkloadEvent> past(Member member, Moment now) {
    Optional<Birth> birth = member.stage().born();
    if (birth.isEmpty()) {
      return List.of();
    }
    var cohort = new CohortId(birth.get().start().value());
    List<PodUid> pods = List.of(member.pod());
    var events = new ArrayList<WorkloadEvent>();
    events.add(new WorkloadEvent.Started(member.pod(), birth.get().start(), now.wall()));
    if (birth.get().confirmed() && member.warm()) {
      events.add(new WorkloadEvent.Confirmed(member.pod(), birth.get().start(), now.wall()));
      events.add(
          new WorkloadEvent.RungEntered(
              cohort, pods, 1, Workload.FULL, Why.OBSERVE_MODE, "", now.wall()));
      events.add(new WorkloadEvent.Settled(cohort, now.wall()));
    }
    return events;
  }

  private Live.Shadow step(
      Live.Shadow paper, Input input, Moment now, List<WorkloadEvent> wouldHave) {
    Decision decision = ramp.decide(paper.workload(), paper.live(), input, now);
    keep(decision.events(), wouldHave);
    return acknowledge(
        new Live.Shadow(paper.workload().applyAll(decision.events()), decision.live()),
        now,
        wouldHave);
  }

  /** Paper takes any table at once; that may allow further rungs with their own tables. */
  private Live.Shadow acknowledge(Live.Shadow paper, Moment now, List<WorkloadEvent> wouldHave) {
    Live.Shadow next = paper;
    while (!next.live().acknowledged(next.workload())) {
      var applied =
          new Input.TableApplied(PLANE, next.workload().term(), next.workload().version());
      Decision decision = ramp.decide(next.workload(), next.live(), applied, now);
      keep(decision.events(), wouldHave);
      next = new Live.Shadow(next.workload().applyAll(decision.events()), decision.live());
    }
    return next;
  }

  private static void keep(List<WorkloadEvent> events, List<WorkloadEvent> wouldHave) {
    for (WorkloadEvent event : events) {
      if (event instanceof WorkloadEvent.RungEntered
          || event instanceof WorkloadEvent.WentBack
          || event instanceof WorkloadEvent.Settled
          || event instanceof WorkloadEvent.Ejected) {
        wouldHave.add(event);
      }
    }
  }
}
