package dev.thaw.coordinator.simulation;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.workload.Decision;
import dev.thaw.coordinator.workload.Effect;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.Live;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.coordinator.workload.Verb;
import dev.thaw.persistence.CohortId;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.WeightTable;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Cores with one fault each, to show that the simulator would notice. */
enum BrokenCores {
  /** Enters the next rung as soon as a rung is applied. */
  SKIPS_THE_HOLD {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      return adding(
          right,
          right.events().stream()
              .filter(WorkloadEvent.RungApplied.class::isInstance)
              .map(WorkloadEvent.RungApplied.class::cast)
              .filter(applied -> applied.rung() == 1)
              .flatMap(
                  applied ->
                      state.members().values().stream()
                          .filter(member -> climbs(member, applied.cohort()))
                          .map(member -> rung(member, applied.cohort(), 2, 5, now)))
              .toList());
    }
  },

  /** Goes from the first rung straight to the last, calling it evidence. */
  SKIPS_RUNGS {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      return replacing(
          right,
          event ->
              event instanceof WorkloadEvent.RungEntered e
                      && e.why() == Why.GATE_PASSED
                      && e.rung() == 2
                  ? new WorkloadEvent.RungEntered(
                      e.cohort(), e.pods(), 4, 100, e.why(), e.detail(), e.at())
                  : event);
    }
  },

  /** Takes a member for gone that one list has lacked. */
  BELIEVES_ONE_LIST {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      if (!(input instanceof Input.Digest digest)) {
        return right;
      }
      return adding(
          right,
          state.members().keySet().stream()
              .filter(pod -> digest.members().stream().noneMatch(known -> known.pod().equals(pod)))
              .map(pod -> (WorkloadEvent) new WorkloadEvent.Left(pod, "not listed", now.wall()))
              .toList());
    }
  },

  /** Aborts whatever it is told to, the last backend included. */
  ABORTS_THE_LAST {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      if (!(input instanceof Input.Command command)
          || command.verb() != Verb.ABORT
          || right.refusal().isEmpty()) {
        return right;
      }
      return adding(
          new Decision(
              right.events(), right.wouldHave(), right.live(), java.util.Optional.empty(), ""),
          state.members().values().stream()
              .filter(member -> member.weight() > 0)
              .map(member -> (WorkloadEvent) new WorkloadEvent.Aborted(member.pod(), now.wall()))
              .toList());
    }
  },

  /** Writes on under the term of the writer before it. */
  KEEPS_THE_OLD_TERM {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      return replacing(
          right,
          event ->
              event instanceof WorkloadEvent.Opened e && e.term() > 1
                  ? new WorkloadEvent.Opened(e.term() - 1, e.mode(), e.at())
                  : event);
    }
  },

  /** Publishes an empty table while it does not know its pods yet. */
  PUBLISHES_IGNORANCE {
    @Override
    Set<Effect> broken(Workload state, Live live, Set<Effect> right) {
      boolean knowsAll =
          state.members().keySet().stream().allMatch(pod -> live.pod(pod).heard().isPresent());
      if (knowsAll) {
        return right;
      }
      var effects = new LinkedHashSet<Effect>(right);
      effects.removeIf(Effect.Publish.class::isInstance);
      effects.add(
          new Effect.Publish(
              new WeightTable(state.name(), state.term(), state.version(), List.of())));
      return effects;
    }
  },

  /** Takes a failed probe for a dead process. */
  BURIES_THE_LIVING {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      return replacing(
          right,
          event ->
              event instanceof WorkloadEvent.Ejected e && e.reason().equals(Reasons.PROBE_FAILED)
                  ? new WorkloadEvent.Ejected(e.pod(), e.start(), Reasons.EXITED, "", e.at())
                  : event);
    }
  },

  /** Lets everybody wait at the door although nobody is inside. */
  LETS_NOBODY_IN_FIRST {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      return dropping(
          right,
          event -> event instanceof WorkloadEvent.RungEntered e && e.why() == Why.NOTHING_WARM);
    }
  },

  /** Counts a verdict in favour before its weight is applied. */
  COUNTS_TOO_EARLY {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      return adding(
          right,
          right.events().stream()
              .filter(WorkloadEvent.RungEntered.class::isInstance)
              .map(WorkloadEvent.RungEntered.class::cast)
              .filter(entered -> entered.rung() > 1)
              .map(
                  entered ->
                      (WorkloadEvent)
                          new WorkloadEvent.Passed(
                              entered.cohort(), entered.rung(), 1, 0, now.wall()))
              .toList());
    }
  },

  /** Forgets who may have traffic when a hold is met. */
  CLAIMS_AN_OPERATOR {
    @Override
    Decision broken(Workload state, Input input, Decision right, Moment now) {
      return replacing(
          right,
          event ->
              event instanceof WorkloadEvent.RungEntered e && e.why() == Why.GATE_PASSED
                  ? new WorkloadEvent.RungEntered(
                      e.cohort(),
                      e.pods(),
                      e.rung(),
                      e.weight(),
                      Why.OPERATOR_COMMAND,
                      e.detail(),
                      e.at())
                  : event);
    }
  };

  Decision broken(Workload state, Input input, Decision right, Moment now) {
    return right;
  }

  Set<Effect> broken(Workload state, Live live, Set<Effect> right) {
    return right;
  }

  /** The real core with this fault put over it. */
  Core over(WarmupPolicy policy) {
    Core real = Core.real(policy);
    return new Core() {
      @Override
      public Decision decide(Workload state, Live live, Input input, Moment now) {
        return broken(state, input, real.decide(state, live, input, now), now);
      }

      @Override
      public Set<Effect> effects(Workload state, Live live) {
        return broken(state, live, real.effects(state, live));
      }

      @Override
      public OptionalLong wakeAt(Workload state, Live live) {
        return real.wakeAt(state, live);
      }
    };
  }

  private static boolean climbs(Member member, CohortId cohort) {
    return member.stage() instanceof Stage.Climbing climbing
        && climbing.climb().cohort().equals(cohort);
  }

  private static WorkloadEvent rung(
      Member member, CohortId cohort, int rung, int weight, Moment now) {
    return new WorkloadEvent.RungEntered(
        cohort, List.of(member.pod()), rung, weight, Why.GATE_PASSED, "", now.wall());
  }

  private static Decision with(Decision decision, List<WorkloadEvent> events) {
    return new Decision(
        events, decision.wouldHave(), decision.live(), decision.refusal(), decision.done());
  }

  private static Decision adding(Decision decision, List<WorkloadEvent> more) {
    var events = new ArrayList<>(decision.events());
    events.addAll(more);
    return with(decision, events);
  }

  private static Decision replacing(Decision decision, UnaryOperator<WorkloadEvent> change) {
    return with(decision, decision.events().stream().map(change).toList());
  }

  private static Decision dropping(
      Decision decision, java.util.function.Predicate<WorkloadEvent> which) {
    return with(decision, decision.events().stream().filter(which.negate()).toList());
  }
}
