package dev.thaw.coordinator.simulation;

import dev.thaw.config.Mode;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Probing;
import dev.thaw.coordinator.workload.Decision;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.Live;
import dev.thaw.coordinator.workload.Verb;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.WeightTable;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The invariants of the architecture, checked against what is true in the model and not against
 * what the core believes. Numbers are those of docs/architecture.md.
 */
final class Checks {
  private static final Duration BLIND = Duration.ofSeconds(5);
  private static final Set<Why> AS_IT_PLEASES =
      EnumSet.of(Why.OPERATOR_COMMAND, Why.NOTHING_WARM, Why.OBSERVE_MODE, Why.GATE_MODE);

  private final World world;
  private final WarmupPolicy policy;
  private final Node node;
  private final Map<Long, List<WeightTable.Entry>> decided = new HashMap<>();
  private final Map<PodUid, Integer> missing = new HashMap<>();
  private final Map<String, Long> firstApplied = new HashMap<>();
  private final Map<PodUid, Long> rungVersion = new HashMap<>();
  private final Set<PodUid> deleted = new HashSet<>();
  private Plane plane;
  private Workload journaled;
  private int seen;
  private long downNanos;
  private boolean abandoned;

  Checks(World world, WarmupPolicy policy, Node node) {
    this.world = world;
    this.policy = policy;
    this.node = node;
    this.journaled = Workload.empty(policy.workload());
    decided.put(0L, List.of());
  }

  void watch(Plane newPlane) {
    plane = newPlane;
  }

  void listed(Input.Digest digest) {
    for (PodUid pod : journaled.members().keySet()) {
      boolean there = digest.members().stream().anyMatch(known -> known.pod().equals(pod));
      missing.merge(pod, there ? 0 : 1, (before, now) -> there ? 0 : before + 1);
    }
  }

  void deleted(PodUid pod) {
    deleted.add(pod);
  }

  void down(Duration time) {
    downNanos += time.toNanos();
  }

  /** Invariant 5: a replay gives what was there, bit for bit. */
  void recovered(Workload replayed) {
    world.check(replayed.equals(journaled), "5 replay", replayed);
  }

  /** Follows the journal; each event is judged by the state before it. */
  void persisted(List<WorkloadEvent> journal) {
    for (; seen < journal.size(); seen++) {
      WorkloadEvent event = journal.get(seen);
      Workload before = journaled;
      journaled = before.apply(event);
      decided.putIfAbsent(journaled.version(), journaled.table().entries());
      judge(before, event);
    }
  }

  private void judge(Workload before, WorkloadEvent event) {
    if (event instanceof WorkloadEvent.Opened e) {
      world.check(e.term() > before.term(), "5 one writer", event);
    } else if (event instanceof WorkloadEvent.RungEntered e) {
      entered(before, e);
    } else if (event instanceof WorkloadEvent.RungApplied e) {
      firstApplied.putIfAbsent(e.cohort().value(), world.nanos());
    } else if (event instanceof WorkloadEvent.Passed e) {
      passed(before, e);
    } else if (event instanceof WorkloadEvent.Left e) {
      boolean gone = deleted.contains(e.pod()) || missing.getOrDefault(e.pod(), 0) >= 2;
      world.check(gone, "2 unknown removes nobody", event);
    } else if (event instanceof WorkloadEvent.Ejected e) {
      ejected(before, e);
    } else if (event instanceof WorkloadEvent.Confirmed e) {
      confirmed(before, e);
    } else if (event instanceof WorkloadEvent.Aborted e) {
      world.check(
          before.table().entries().isEmpty() || !journaled.table().entries().isEmpty() || abandoned,
          "1 a verb leaves a backend",
          event);
    } else if (event instanceof WorkloadEvent.WentBack) {
      world.check(
          before.table().entries().isEmpty() || !journaled.table().entries().isEmpty(),
          "1 a rollback leaves a backend",
          event);
    }
  }

  /** Invariant 3: no rung without its gate, none skipped, but by a recorded exception. */
  private void entered(Workload before, WorkloadEvent.RungEntered event) {
    for (PodUid pod : event.pods()) {
      Member member = before.member(pod).orElseThrow();
      rungVersion.put(pod, journaled.version());
      if (AS_IT_PLEASES.contains(event.why())) {
        exception(before, event);
        continue;
      }
      int last = policy.birth().ladder().size();
      int from = member.stage() instanceof Stage.Climbing climbing ? climbing.climb().rung() : 0;
      boolean ceiling = event.why() == Why.NO_EVIDENCE && event.rung() == last && from < last - 1;
      world.check(ceiling || event.rung() == from + 1, "3 no rung is skipped", event);
      if (from == 0) {
        boolean ready =
            member.stage().born().orElseThrow().confirmed()
                && (policy.warmup().isEmpty() || member.stage().born().get().warmed());
        world.check(ready, "3 the first rung has its gate", event);
      } else if (!ceiling) {
        held(((Stage.Climbing) member.stage()).climb(), event);
      }
      if (event.weight() == Workload.FULL && from > 0) {
        floor(event);
      }
    }
  }

  private void held(dev.thaw.persistence.Climb climb, WorkloadEvent.RungEntered event) {
    WarmupPolicy.Rung rung = policy.birth().ladder().get(climb.rung() - 1);
    double interval = policy.birth().gateDefaults().interval().toNanos();
    boolean held = climb.passes() >= Math.ceil(rung.hold().toNanos() / interval);
    boolean tooFew = event.why() == Why.TOO_FEW_REQUESTS && rung.minRequests() > 0;
    boolean atCeiling = event.why() == Why.NO_EVIDENCE && !climb.breachStands();
    world.check(climb.applied(), "3 a hold begins when it is applied", event);
    world.check(held || tooFew || atCeiling, "3 the gate was passed", event);
  }

  private void floor(WorkloadEvent.RungEntered event) {
    long climbed = world.nanos() - firstApplied.get(event.cohort().value());
    world.check(climbed >= policy.birth().floor().toNanos(), "3 not full before the floor", event);
  }

  private void exception(Workload before, WorkloadEvent.RungEntered event) {
    if (event.why() == Why.NOTHING_WARM) {
      world.check(before.warm().isEmpty(), "3 nothing was warm", event);
    } else if (event.why() == Why.OBSERVE_MODE) {
      world.check(policy.mode() == Mode.OBSERVE, "3 the mode observes", event);
    } else if (event.why() == Why.GATE_MODE) {
      world.check(policy.mode() == Mode.GATE, "3 the mode gates", event);
    }
  }

  /** Invariants 2 and 3: evidence is seen, and seen on the weight it is about. */
  private void passed(Workload before, WorkloadEvent.Passed event) {
    WarmupPolicy.Rung rung = policy.birth().ladder().get(event.rung() - 1);
    if (policy.metrics().isPresent() && countersMatter(rung)) {
      world.check(!node.blindFor(BLIND), "2 nothing passes without evidence", event);
    }
    WeightTable held = plane.table().orElse(new WeightTable(before.name(), 0, 0, List.of()));
    world.check(held.term() == before.term(), "3 evidence counts once this writer is heard", event);
    for (Member member : before.members().values()) {
      if (member.stage() instanceof Stage.Climbing climbing
          && climbing.climb().cohort().equals(event.cohort())) {
        world.check(
            held.version() >= rungVersion.get(member.pod()),
            "3 evidence counts once its weight is applied",
            event);
      }
    }
  }

  private static boolean countersMatter(WarmupPolicy.Rung rung) {
    return rung.minRequests() > 0
        || rung.gates().stream().anyMatch(gate -> !(gate instanceof WarmupPolicy.PromqlGate));
  }

  private void ejected(Workload before, WorkloadEvent.Ejected event) {
    Process process = node.processes().get(event.pod());
    boolean present = process != null && process.start.equals(event.start());
    if (event.reason().equals(Reasons.EXITED)) {
      world.check(!present || process.dead, "2 only the dead are gone", event);
    } else if (event.reason().equals(Reasons.PROBE_FAILED) && present) {
      world.check(
          process.longestFailures >= policy.probe().failureThreshold(),
          "2 a probe has failed often enough",
          event);
    }
    world.check(before.member(event.pod()).isPresent(), "4 an event has its pod", event);
  }

  private void confirmed(Workload before, WorkloadEvent.Confirmed event) {
    boolean already =
        before.member(event.pod()).orElseThrow().stage().born().orElseThrow().confirmed();
    world.check(!already, "3 nobody is confirmed twice", event);
    Process process = node.processes().get(event.pod());
    if (process.start.equals(event.start())) {
      world.check(
          process.longestSuccesses >= policy.probe().successThreshold(),
          "3 confirmation is earned",
          event);
    }
  }

  void decided(Workload before, Live live, Input input, Decision decision, Core core) {
    world.check(
        decision.refusal().isEmpty() || decision.events().stream().noneMatch(Checks::operators),
        "3 a refused word changes nothing",
        decision);
    boolean commanded = input instanceof Input.Command command && command.verb() == Verb.PROMOTE;
    boolean claims =
        decision.events().stream()
            .anyMatch(
                event ->
                    event instanceof WorkloadEvent.RungEntered e
                        && e.why() == Why.OPERATOR_COMMAND);
    world.check(commanded || !claims, "3 operators are not impersonated", decision);
  }

  private static boolean operators(WorkloadEvent event) {
    return event instanceof WorkloadEvent.Aborted
        || event instanceof WorkloadEvent.Retried
        || event instanceof WorkloadEvent.Paused;
  }

  /** Invariant 1, of a state at rest. */
  void stands(Workload state, Live live) {
    if (live.standing() != Live.Standing.OPEN || state.mode() != Mode.RAMP) {
      return;
    }
    boolean somebodyMayServe =
        state.members().values().stream().anyMatch(member -> mayServe(member, live));
    world.check(
        !somebodyMayServe || !state.table().entries().isEmpty(), "1 somebody serves", state);
    boolean somebodyMayMove =
        state.members().values().stream()
            .anyMatch(member -> mayServe(member, live) && !state.frozen(member));
    world.check(
        !somebodyMayMove || !state.warm().isEmpty(), "1 somebody takes a whole share", state);
  }

  private boolean mayServe(Member member, Live live) {
    boolean warmed =
        policy.warmup().isEmpty()
            || member.stage().born().filter(birth -> birth.warmed()).isPresent();
    boolean candidate =
        member.stage() instanceof Stage.Confirmed && warmed
            || member.stage() instanceof Stage.Climbing climbing && climbing.birth().confirmed();
    return candidate && live.pod(member.pod()).probing() == Probing.GOOD;
  }

  /** Invariant 4: what is published was decided, by this very version. */
  void published(WeightTable table, Workload state) {
    world.check(table.version() > 0, "4 nobody publishes ignorance", table);
    world.check(
        table.entries().equals(decided.get(table.version())), "4 a table is explained", table);
    world.check(table.term() == state.term(), "4 a table has its writer's term", table);
  }

  void applied(WeightTable table) {
    world.check(
        table.entries().equals(decided.get(table.version())), "4 a weight is explained", table);
  }

  /** An operator let it in without warm-up requests, it came back, and they fail. */
  private boolean refusedOnTheGround(Stage.Climbing climbing) {
    return climbing.weight() == 0 && policy.warmup().isPresent() && !climbing.birth().warmed();
  }

  /** Whether all that can be full is full, and the plane holds what was decided. */
  boolean wellAgain(Workload state) {
    return state.members().values().stream().noneMatch(this::shouldBeFull)
        && plane
            .table()
            .map(WeightTable::entries)
            .orElse(List.of())
            .equals(state.table().entries());
  }

  private boolean shouldBeFull(Member member) {
    Stage stage = member.stage();
    boolean forGood =
        stage instanceof Stage.Aborted
            || stage instanceof Stage.Refused
            || stage instanceof Stage.Ejected ejected && ejected.reason().equals(Reasons.BREACHES)
            || stage instanceof Stage.Climbing climbing && refusedOnTheGround(climbing);
    return node.alive(member.pod()).isPresent() && !forGood && !member.warm();
  }
}
