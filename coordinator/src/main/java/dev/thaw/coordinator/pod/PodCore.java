package dev.thaw.coordinator.pod;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.protocol.v1.RunWarmup;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Follows one pod: turns what its node says into facts for its workload and what its workload
 * allows into orders for its node. Pure. What is said of any other start than the present one is
 * void; what is said twice changes nothing.
 */
public final class PodCore {
  private final WarmupPolicy policy;
  private final PodUid uid;
  private final Ears ears;

  public PodCore(WarmupPolicy policy, PodUid uid) {
    this.policy = policy;
    this.uid = uid;
    this.ears = new Ears(policy);
  }

  /** What follows from an input. */
  public PodDecision decide(PodState state, PodInput input, Moment now) {
    var step = new PodStep(uid, state);
    if (input instanceof PodInput.NodeSaid said) {
      ears.heard(step, said.message(), now);
      earlier(state).filter(was -> step.started()).ifPresent(was -> assigned(step, was));
    } else if (input instanceof PodInput.Assigned assigned) {
      assigned(step, assigned);
    } else if (input instanceof PodInput.FactsAsked) {
      tellAll(step);
    } else if (input instanceof PodInput.Ending) {
      ending(step);
    } else if (input instanceof PodInput.Woke) {
      overdue(step, now);
    }
    return step.decision();
  }

  /** When to come back with {@link PodInput.Woke}: the deadline for confirmation. */
  public OptionalLong wakeAt(PodState state) {
    return state instanceof PodState.Started || state instanceof PodState.Confirming
        ? state.facts().orElseThrow().deadline()
        : OptionalLong.empty();
  }

  /** What the workload said before the process was known. */
  private static Optional<PodInput.Assigned> earlier(PodState before) {
    return before instanceof PodState.Appeared appeared ? appeared.assigned() : Optional.empty();
  }

  private void assigned(PodStep step, PodInput.Assigned said) {
    if (step.state instanceof PodState.Appeared appeared) {
      step.state = new PodState.Appeared(appeared.trouble(), Optional.of(said));
      return;
    }
    StartFacts facts = step.state.facts().orElseThrow();
    if (!facts.start().equals(said.start())
        || step.state instanceof PodState.Gone
        || step.state instanceof PodState.Draining) {
      return;
    }
    switch (said.phase()) {
      case CONFIRMING -> confirm(step, facts);
      case WARMING -> warm(step, facts);
      case HELD -> serve(step, facts, said, SetProbing.Phase.CLIMBING);
      case CLIMBING -> serve(step, facts, said, SetProbing.Phase.CLIMBING);
      case FULL -> serve(step, facts, said, SetProbing.Phase.READY);
      case ENDED -> {
        // the node will say so itself
      }
    }
  }

  /** From above it has to prove itself again; if it has just done so, the workload missed it. */
  private void confirm(PodStep step, StartFacts facts) {
    if (step.state instanceof PodState.Confirmed) {
      step.tell(facts.start(), new Fact.Confirmed());
    } else if (step.state instanceof PodState.Warming || step.state instanceof PodState.Serving) {
      step.state = new PodState.Confirming(facts);
    }
    cadence(step, SetProbing.Phase.CONFIRMING);
  }

  /** While it warms already this is said again: then the workload may have missed the end. */
  private void warm(PodStep step, StartFacts facts) {
    if (step.state instanceof PodState.Warming) {
      facts.warmup().ifPresent(ended -> step.tell(facts.start(), ended));
      return;
    }
    step.state = new PodState.Warming(facts.served().warmed(Optional.empty()));
    cadence(step, SetProbing.Phase.CLIMBING);
    step.owe(
        new PodEffect.Command(
            ToNode.newBuilder()
                .setRunWarmup(RunWarmup.newBuilder().setStart(ref(facts.start())))
                .build()));
  }

  private void serve(
      PodStep step, StartFacts facts, PodInput.Assigned said, SetProbing.Phase cadence) {
    step.state = new PodState.Serving(facts.served(), said.phase(), said.weight());
    cadence(step, cadence);
  }

  private void cadence(PodStep step, SetProbing.Phase phase) {
    StartFacts facts = step.state.facts().orElseThrow();
    if (facts.cadence().filter(phase::equals).isEmpty()) {
      step.put(facts.cadence(phase));
      step.owe(
          new PodEffect.Command(
              ToNode.newBuilder()
                  .setSetProbing(
                      SetProbing.newBuilder().setStart(ref(facts.start())).setPhase(phase))
                  .build()));
    }
  }

  private void ending(PodStep step) {
    Optional<StartFacts> facts = step.state.facts();
    if (facts.isPresent() && !(step.state instanceof PodState.Gone)) {
      step.state = new PodState.Draining(facts.get());
      step.tell(facts.get().start(), new Fact.Ending());
    }
  }

  private void overdue(PodStep step, Moment now) {
    OptionalLong deadline = wakeAt(step.state);
    if (deadline.isEmpty() || now.nanos() < deadline.getAsLong()) {
      return;
    }
    StartFacts facts = step.state.facts().orElseThrow();
    var fact = new Fact.NeverServed(lastError(facts));
    step.put(facts.late(fact));
    step.tell(facts.start(), fact);
  }

  private String lastError(StartFacts facts) {
    boolean closed = facts.listened().closed().isPresent();
    return facts.lastError().isEmpty() || closed
        ? facts.listened().trouble(policy.targetPort())
        : facts.lastError();
  }

  private void tellAll(PodStep step) {
    step.state
        .facts()
        .ifPresent(
            facts -> {
              step.tell(facts.start(), new Fact.Started(facts.execNanos()));
              step.tell(facts.start(), new Fact.Listening(facts.listened().open().isPresent()));
              facts.probed().ifPresent(fact -> step.tell(facts.start(), fact));
              if (step.state instanceof PodState.Confirmed) {
                step.tell(facts.start(), new Fact.Confirmed());
              }
              facts.warmup().ifPresent(fact -> step.tell(facts.start(), fact));
              facts.neverServed().ifPresent(fact -> step.tell(facts.start(), fact));
              if (step.state instanceof PodState.Draining) {
                step.tell(facts.start(), new Fact.Ending());
              }
              if (step.state instanceof PodState.Gone gone) {
                step.tell(facts.start(), new Fact.Exited(gone.how()));
              }
            });
  }

  private StartRef ref(StartId start) {
    return StartRef.newBuilder().setPodUid(uid.value()).setStartId(start.value()).build();
  }
}
