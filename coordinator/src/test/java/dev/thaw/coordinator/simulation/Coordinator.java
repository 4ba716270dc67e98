package dev.thaw.coordinator.simulation;

import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Answer;
import dev.thaw.coordinator.pod.PodCore;
import dev.thaw.coordinator.pod.PodDecision;
import dev.thaw.coordinator.pod.PodEffect;
import dev.thaw.coordinator.pod.PodInput;
import dev.thaw.coordinator.pod.PodState;
import dev.thaw.coordinator.workload.Decision;
import dev.thaw.coordinator.workload.Effect;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.Live;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import dev.thaw.protocol.v1.FromNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A model of one incarnation of the coordinator: the shells around the cores, as thin as the
 * actors. A crash ends it; what it had persisted is in the journal, all else is lost.
 */
final class Coordinator {
  private final World world;
  private final WarmupPolicy policy;
  private final Core core;
  private final List<WorkloadEvent> journal;
  private final Node node;
  private final Plane plane;
  private final Checks checks;
  private final Map<PodUid, PodState> pods = new HashMap<>();
  private final Deque<Input> waiting = new ArrayDeque<>();
  private Workload state;
  private Live live;
  private Set<Effect> performed = Set.of();
  private List<WorkloadEvent> inFlight = List.of();
  private boolean persisting;
  private boolean crashed;
  private long alarm = Long.MIN_VALUE;
  private long lastFromNode;
  private long lastToNode;

  Coordinator(
      World world,
      WarmupPolicy policy,
      Core core,
      List<WorkloadEvent> journal,
      Node node,
      Plane plane,
      Checks checks) {
    this.world = world;
    this.policy = policy;
    this.core = core;
    this.journal = journal;
    this.node = node;
    this.plane = plane;
    this.checks = checks;
    this.state = Workload.empty(policy.workload()).applyAll(journal);
    this.live = Live.closed(world.moment());
  }

  /** Recovers, takes over, asks the node. */
  void open() {
    world.note("coordinator opens");
    checks.recovered(state);
    node.connect(this::fromNode, sample -> soon(sample, world.between(1, 30)));
    plane.connect(this::tell);
    tell(new Input.SubscribersChanged(Set.of(Plane.NAME)));
    tell(new Input.Open(0));
    toNode(node::report);
    again();
  }

  void crash() {
    crashed = true;
    if (persisting && world.chance(0.5)) {
      journal.addAll(inFlight);
      checks.persisted(journal);
    }
    world.note("coordinator crashes" + (persisting ? " while it persists " + inFlight : ""));
  }

  boolean crashed() {
    return crashed;
  }

  Workload state() {
    return state;
  }

  /** What a source, an operator or a plane says. */
  void tell(Input input) {
    if (crashed) {
      return;
    }
    if (persisting) {
      waiting.add(input);
      return;
    }
    Workload before = state;
    Decision decision = core.decide(state, live, input, world.moment());
    checks.decided(before, live, input, decision, core);
    if (decision.events().isEmpty()) {
      live = decision.live();
      perform();
    } else {
      persist(input, decision);
    }
  }

  private void persist(Input input, Decision decision) {
    persisting = true;
    inFlight = decision.events();
    Duration takes = world.chance(0.01) ? world.between(200, 2_000) : world.between(1, 4);
    world.after(
        takes,
        () -> {
          if (crashed) {
            return;
          }
          decision.events().forEach(event -> world.note(event));
          journal.addAll(decision.events());
          state = state.applyAll(decision.events());
          live = decision.live();
          persisting = false;
          checks.persisted(journal);
          checks.stands(state, live);
          perform();
          while (!persisting && !waiting.isEmpty()) {
            tell(waiting.remove());
          }
        });
  }

  private void perform() {
    Set<Effect> owed = core.effects(state, live);
    for (Effect effect : owed) {
      if (!performed.contains(effect)) {
        perform(effect);
      }
    }
    performed = owed;
    arm();
  }

  private void perform(Effect effect) {
    if (effect instanceof Effect.Publish publish) {
      checks.published(publish.table(), state);
      plane.send(publish.table());
    } else if (effect instanceof Effect.Assign assign) {
      pod(assign.pod(), new PodInput.Assigned(assign.start(), assign.phase(), assign.weight()));
    } else if (effect instanceof Effect.Ask ask) {
      pod(ask.pod(), new PodInput.FactsAsked());
    } else if (effect instanceof Effect.Scrape scrape) {
      toNode(() -> node.scrape(scrape.pods()));
    } else if (effect instanceof Effect.Query query) {
      Answer answer =
          world.chance(0.2)
              ? new Answer.Missing("no such series")
              : new Answer.Value(world.chance(0.1) ? 1 : 0);
      soon(new Input.QueryAnswered(query, answer), world.between(1, 300));
    }
  }

  /** What is still owed after a while is done again. */
  private void again() {
    if (!crashed) {
      performed = Set.of();
      if (!persisting) {
        perform();
      }
      world.after(Duration.ofSeconds(5), this::again);
    }
  }

  private void arm() {
    OptionalLong wake = core.wakeAt(state, live);
    world.check(wake.isEmpty() || wake.getAsLong() > live.asOf(), "a timer looks ahead", wake);
    if (wake.isPresent() && wake.getAsLong() != alarm) {
      long at = wake.getAsLong();
      alarm = at;
      world.at(
          at,
          () -> {
            if (alarm == at) {
              alarm = Long.MIN_VALUE;
              tell(new Input.Woke());
            }
          });
    }
  }

  private void fromNode(PodUid uid, FromNode message) {
    lastFromNode = Math.max(lastFromNode + 1, world.nanos() + world.between(1, 15).toNanos());
    world.at(lastFromNode, () -> pod(uid, new PodInput.NodeSaid(message)));
  }

  private void toNode(Runnable order) {
    lastToNode = Math.max(lastToNode + 1, world.nanos() + world.between(1, 5).toNanos());
    world.at(
        lastToNode,
        () -> {
          if (!crashed) {
            order.run();
          }
        });
  }

  /** The process is ended on purpose, as an operator's restart does. */
  void ending(PodUid uid) {
    pod(uid, new PodInput.Ending());
  }

  private void pod(PodUid uid, PodInput input) {
    if (crashed) {
      return;
    }
    var podCore = new PodCore(policy, uid);
    PodDecision decision =
        podCore.decide(pods.getOrDefault(uid, PodState.unknown()), input, world.moment());
    pods.put(uid, decision.state());
    podCore
        .wakeAt(decision.state())
        .ifPresent(at -> world.at(at, () -> pod(uid, new PodInput.Woke())));
    var told = new ArrayList<Input>();
    for (PodEffect effect : decision.effects()) {
      if (effect instanceof PodEffect.Tell tell) {
        told.add(tell.moved());
      } else if (effect instanceof PodEffect.Command command) {
        toNode(() -> node.order(command.message()));
      }
    }
    if (!told.isEmpty()) {
      world.at(world.nanos(), () -> told.forEach(this::tell));
    }
  }

  private void soon(Input input, Duration delay) {
    world.after(delay, () -> tell(input));
  }

  Optional<PodState> pod(PodUid uid) {
    return Optional.ofNullable(pods.get(uid));
  }
}
