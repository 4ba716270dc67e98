package dev.thaw.coordinator.pod;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.RunWarmup;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.WarmupReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Follows one pod: turns what its node says into facts for its workload and what its workload
 * allows into orders for its node. Pure. What is said of any other start than the present one is
 * void; what is said twice changes nothing.
 */
public final class PodCore {
  private final WarmupPolicy policy;
  private final PodUid uid;

  public PodCore(WarmupPolicy policy, PodUid uid) {
    this.policy = policy;
    this.uid = uid;
  }

  /** What follows from an input. */
  public PodDecision decide(PodState state, PodInput input, Moment now) {
    var step = new Step(state);
    if (input instanceof PodInput.NodeSaid said) {
      heard(step, said.message(), now);
    } else if (input instanceof PodInput.Assigned assigned) {
      assigned(step, assigned);
    } else if (input instanceof PodInput.FactsAsked) {
      tellAll(step);
    } else if (input instanceof PodInput.Ending) {
      ending(step);
    } else if (input instanceof PodInput.Woke) {
      overdue(step, now);
    }
    return new PodDecision(step.state, step.effects);
  }

  /** When to come back with {@link PodInput.Woke}: the deadline for confirmation. */
  public OptionalLong wakeAt(PodState state) {
    return state instanceof PodState.Started || state instanceof PodState.Confirming
        ? state.facts().orElseThrow().deadline()
        : OptionalLong.empty();
  }

  private void heard(Step step, FromNode message, Moment now) {
    switch (message.getMessageCase()) {
      case PROCESS_STARTED -> started(step, message.getProcessStarted(), now);
      case PROCESS_FAILED -> failed(step, message.getProcessFailed().getDetail());
      case PROCESS_EXITED -> exited(step, message.getProcessExited());
      case SIGNAL -> signal(step, message.getSignal());
      case PROBE_REPORT -> probed(step, message.getProbeReport());
      case WARMUP_REPORT -> warmed(step, message.getWarmupReport());
      default -> {
        // not about one pod's life
      }
    }
  }

  private void started(Step step, ProcessStarted said, Moment now) {
    var start = new StartId(said.getStart().getStartId());
    Optional<StartFacts> known = step.state.facts();
    if (known.filter(facts -> facts.start().equals(start)).isPresent()
        || known.filter(facts -> facts.execNanos() > said.getExecNanos()).isPresent()) {
      return;
    }
    Optional<PodInput.Assigned> earlier =
        step.state instanceof PodState.Appeared appeared ? appeared.assigned() : Optional.empty();
    long deadline = now.nanos() + policy.startDeadline().toNanos();
    step.state =
        new PodState.Started(StartFacts.of(start, said.getPid(), said.getExecNanos(), deadline));
    tell(step, start, new Fact.Started(said.getExecNanos()));
    earlier.ifPresent(assigned -> assigned(step, assigned));
  }

  private static void failed(Step step, String detail) {
    if (step.state instanceof PodState.Appeared appeared) {
      step.state = new PodState.Appeared(detail, appeared.assigned());
    }
  }

  private void exited(Step step, ProcessExited said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null) {
      return;
    }
    String how = how(said);
    step.state = new PodState.Gone(facts, how);
    tell(step, facts.start(), new Fact.Exited(how));
    step.announce("gone", said.getAtNanos(), fields(said));
  }

  private static String how(ProcessExited said) {
    return switch (said.getHowCase()) {
      case EXIT_CODE -> "exit code " + said.getExitCode();
      case SIGNAL -> "signal " + said.getSignal();
      default -> "how is not known";
    };
  }

  private static Map<String, Object> fields(ProcessExited said) {
    return switch (said.getHowCase()) {
      case EXIT_CODE -> Map.of("exit_code", said.getExitCode());
      case SIGNAL -> Map.of("signal", said.getSignal());
      default -> Map.of();
    };
  }

  private void signal(Step step, Signal said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null) {
      return;
    }
    switch (said.getKind()) {
      case EXEC -> once(step, said, "exec", Map.of("path", said.getPath()));
      case RUNTIME_MAIN -> once(step, said, "runtime_main", Map.of());
      case MAIN_MAIN -> once(step, said, "main_main", Map.of());
      case LISTEN -> listens(step, facts, said);
      case LISTEN_CLOSED -> closed(step, facts, said);
      default -> {
        // a kind of a later node
      }
    }
  }

  private void listens(Step step, StartFacts facts, Signal said) {
    var address = new Endpoint(said.getAddress().getHost(), said.getAddress().getPort());
    if (!said.getTarget()) {
      step.put(facts.listeningElsewhere(address));
      return;
    }
    StartFacts now = facts.listening(Optional.of(address));
    step.put(now);
    if (step.state instanceof PodState.Started) {
      step.state = new PodState.Confirming(now);
    }
    tell(step, facts.start(), new Fact.Listening(true));
    once(step, said, "listen", Map.of("address", address.host(), "port", address.port()));
  }

  private void closed(Step step, StartFacts facts, Signal said) {
    if (said.getTarget()) {
      step.put(facts.listening(Optional.empty()));
      tell(step, facts.start(), new Fact.Listening(false));
    }
  }

  private void probed(Step step, ProbeReport said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null || step.state instanceof PodState.Draining) {
      return;
    }
    boolean success = said.getOutcome() == ProbeReport.Outcome.SUCCESS;
    var streak = new Fact.Probed(said.getFailuresInRow(), said.getDetail());
    boolean news =
        facts.probed().map(Fact.Probed::failuresInRow).orElse(-1) != streak.failuresInRow();
    step.put(facts.probed(streak));
    if (news) {
      tell(step, facts.start(), streak);
    }
    if (success && !step.announced("first_success")) {
      step.announce(
          "first_success", said.getAnsweredNanos(), Map.of("protocol", said.getProtocol()));
    }
    boolean proving =
        step.state instanceof PodState.Started || step.state instanceof PodState.Confirming;
    if (proving && success && said.getSuccessesInRow() >= policy.probe().successThreshold()) {
      step.state = new PodState.Confirmed(step.state.facts().orElseThrow().served());
      tell(step, facts.start(), new Fact.Confirmed());
    }
  }

  private void warmed(Step step, WarmupReport said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null) {
      return;
    }
    var ended =
        new Fact.WarmupEnded(
            said.getSent(), said.getErrors(), said.getEndedNanos(), said.getLastError());
    boolean repeated = facts.warmup().filter(ended::equals).isPresent();
    step.put(facts.warmed(Optional.of(ended)));
    tell(step, facts.start(), ended);
    if (!repeated) {
      step.announce(
          "warmed",
          said.getEndedNanos(),
          Map.of(
              "sent",
              said.getSent(),
              "errors",
              said.getErrors(),
              "p50_first_ms",
              said.getP50FirstNanos() / 1e6,
              "p50_last_ms",
              said.getP50LastNanos() / 1e6));
    }
  }

  private void assigned(Step step, PodInput.Assigned said) {
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
  private void confirm(Step step, StartFacts facts) {
    if (step.state instanceof PodState.Confirmed) {
      tell(step, facts.start(), new Fact.Confirmed());
    } else if (step.state instanceof PodState.Warming || step.state instanceof PodState.Serving) {
      step.state = new PodState.Confirming(facts);
    }
    cadence(step, SetProbing.Phase.CONFIRMING);
  }

  /** While it warms already this is said again: then the workload may have missed the end. */
  private void warm(Step step, StartFacts facts) {
    if (step.state instanceof PodState.Warming) {
      facts.warmup().ifPresent(ended -> tell(step, facts.start(), ended));
      return;
    }
    step.state = new PodState.Warming(facts.served().warmed(Optional.empty()));
    cadence(step, SetProbing.Phase.CLIMBING);
    step.effects.add(
        new PodEffect.Command(
            ToNode.newBuilder()
                .setRunWarmup(RunWarmup.newBuilder().setStart(ref(facts.start())))
                .build()));
  }

  private void serve(
      Step step, StartFacts facts, PodInput.Assigned said, SetProbing.Phase cadence) {
    step.state = new PodState.Serving(facts.served(), said.phase(), said.weight());
    cadence(step, cadence);
  }

  private void cadence(Step step, SetProbing.Phase phase) {
    StartFacts facts = step.state.facts().orElseThrow();
    if (facts.cadence().filter(phase::equals).isEmpty()) {
      step.put(facts.cadence(phase));
      step.effects.add(
          new PodEffect.Command(
              ToNode.newBuilder()
                  .setSetProbing(
                      SetProbing.newBuilder().setStart(ref(facts.start())).setPhase(phase))
                  .build()));
    }
  }

  private void ending(Step step) {
    Optional<StartFacts> facts = step.state.facts();
    if (facts.isPresent() && !(step.state instanceof PodState.Gone)) {
      step.state = new PodState.Draining(facts.get());
      tell(step, facts.get().start(), new Fact.Ending());
    }
  }

  private void overdue(Step step, Moment now) {
    OptionalLong deadline = wakeAt(step.state);
    if (deadline.isEmpty() || now.nanos() < deadline.getAsLong()) {
      return;
    }
    StartFacts facts = step.state.facts().orElseThrow();
    var fact = new Fact.NeverServed(lastError(facts));
    step.put(facts.late(fact));
    tell(step, facts.start(), fact);
  }

  private String lastError(StartFacts facts) {
    if (!facts.lastError().isEmpty()) {
      return facts.lastError();
    } else if (facts.listens().isPresent()) {
      return "it listens on " + facts.listens().get() + " and has answered no probe";
    }
    String never = "it never listened on port " + policy.targetPort();
    return facts.elsewhere().map(other -> never + " but on " + other).orElse(never);
  }

  private void tellAll(Step step) {
    step.state
        .facts()
        .ifPresent(
            facts -> {
              tell(step, facts.start(), new Fact.Started(facts.execNanos()));
              tell(step, facts.start(), new Fact.Listening(facts.listens().isPresent()));
              facts.probed().ifPresent(fact -> tell(step, facts.start(), fact));
              if (step.state instanceof PodState.Confirmed) {
                tell(step, facts.start(), new Fact.Confirmed());
              }
              facts.warmup().ifPresent(fact -> tell(step, facts.start(), fact));
              facts.neverServed().ifPresent(fact -> tell(step, facts.start(), fact));
              if (step.state instanceof PodState.Draining) {
                tell(step, facts.start(), new Fact.Ending());
              }
              if (step.state instanceof PodState.Gone gone) {
                tell(step, facts.start(), new Fact.Exited(gone.how()));
              }
            });
  }

  private void tell(Step step, StartId start, Fact fact) {
    step.effects.add(new PodEffect.Tell(new Input.PodMoved(uid, start, fact)));
  }

  private StartRef ref(StartId start) {
    return StartRef.newBuilder().setPodUid(uid.value()).setStartId(start.value()).build();
  }

  /** The facts of the start that is spoken of, if it is the present one and alive. */
  private static @Nullable StartFacts present(Step step, StartRef ref) {
    return step.state instanceof PodState.Gone
        ? null
        : step.state
            .facts()
            .filter(facts -> facts.start().value().equals(ref.getStartId()))
            .orElse(null);
  }

  private static void once(Step step, Signal said, String event, Map<String, Object> fields) {
    String key = event + "@" + said.getAtNanos();
    if (!step.announced(key)) {
      step.put(step.state.facts().orElseThrow().announced(key));
      step.effects.add(new PodEffect.Announce(event, OptionalLong.of(said.getAtNanos()), fields));
    }
  }

  /** One decision in the making. */
  private static final class Step {
    private final List<PodEffect> effects = new ArrayList<>();
    private PodState state;

    Step(PodState state) {
      this.state = state;
    }

    boolean announced(String what) {
      return state.facts().filter(facts -> facts.announced().contains(what)).isPresent();
    }

    void announce(String event, long atNanos, Map<String, Object> fields) {
      state.facts().ifPresent(facts -> put(facts.announced(event)));
      effects.add(new PodEffect.Announce(event, OptionalLong.of(atNanos), fields));
    }

    void put(StartFacts facts) {
      if (state instanceof PodState.Started) {
        state = new PodState.Started(facts);
      } else if (state instanceof PodState.Confirming) {
        state = new PodState.Confirming(facts);
      } else if (state instanceof PodState.Confirmed) {
        state = new PodState.Confirmed(facts);
      } else if (state instanceof PodState.Warming) {
        state = new PodState.Warming(facts);
      } else if (state instanceof PodState.Serving serving) {
        state = new PodState.Serving(facts, serving.phase(), serving.weight());
      } else if (state instanceof PodState.Draining) {
        state = new PodState.Draining(facts);
      } else if (state instanceof PodState.Gone gone) {
        state = new PodState.Gone(facts, gone.how());
      }
    }
  }
}
