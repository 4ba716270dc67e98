package dev.thaw.coordinator.api;

import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.feed.FeedEvent;
import dev.thaw.coordinator.gate.Pressed;
import dev.thaw.coordinator.local.LocalPods;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.pod.PodState;
import dev.thaw.coordinator.pod.StartFacts;
import dev.thaw.coordinator.pod.Status;
import dev.thaw.coordinator.workload.Explain;
import dev.thaw.coordinator.workload.Live;
import dev.thaw.coordinator.workload.PodLive;
import dev.thaw.coordinator.workload.Strain;
import dev.thaw.coordinator.workload.TableTimes;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.coordinator.workload.WorkloadCore;
import dev.thaw.persistence.JournalReader;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import dev.thaw.protocol.v1.Hello;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.stream.javadsl.Sink;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what people are shown: asks whoever knows, and shows what came back in time. Any
 * thread.
 */
public final class Views {
  private final ActorSystem<?> system;
  private final WarmupPolicy policy;
  private final EntityRef<WorkloadActor.Command> workload;
  private final Function<PodUid, EntityRef<PodActor.Command>> pods;
  private final ActorRef<LocalPods.Command> source;
  private final ActorRef<NodeGateway.Command> gateway;
  private final ActorRef<Feed.Command> feed;
  private final JournalReader journal;
  private final WorkloadCore core;
  private final Duration patience;

  public Views(
      ActorSystem<?> system,
      WarmupPolicy policy,
      EntityRef<WorkloadActor.Command> workload,
      Function<PodUid, EntityRef<PodActor.Command>> pods,
      ActorRef<LocalPods.Command> source,
      ActorRef<NodeGateway.Command> gateway,
      ActorRef<Feed.Command> feed,
      JournalReader journal,
      AdminSettings settings) {
    this.system = system;
    this.policy = policy;
    this.workload = workload;
    this.pods = pods;
    this.source = source;
    this.gateway = gateway;
    this.feed = feed;
    this.journal = journal;
    this.patience = settings.read();
    this.core = new WorkloadCore(policy);
  }

  private record Known(
      WorkloadActor.View decided,
      List<LocalPods.View> listed,
      Optional<Hello> node,
      Map<PodUid, PodState> states) {}

  /** Whether decisions can be made; a sentence for each thing that is missing. */
  CompletionStage<List<String>> troubles() {
    CompletionStage<WorkloadActor.View> writer = look();
    return writer.handle(
        (view, thrown) -> {
          if (thrown != null) {
            return List.of("the writer of " + policy.name() + " does not answer");
          } else if (view.live().standing() != Live.Standing.OPEN) {
            return List.of("no traffic plane has subscribed to " + policy.name() + " yet");
          } else if (!view.live().acknowledged(view.state()) && view.state().version() > 0) {
            return List.of("the latest table has not been applied yet");
          }
          return List.of();
        });
  }

  /** The workload with its pods. */
  CompletionStage<Map<String, Object>> workload() {
    return known().thenApply(this::show);
  }

  /** One pod with its time line and decisions; empty when there is none of that name. */
  CompletionStage<Optional<Map<String, Object>>> pod(String name) {
    return known()
        .thenCompose(
            known -> {
              Optional<PodUid> uid = uid(known, name);
              if (uid.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
              }
              Map<String, Object> shown = new LinkedHashMap<>(show(known, uid.get()));
              CompletionStage<List<FeedEvent>> lines =
                  AskPattern.ask(
                      feed,
                      replyTo -> new Feed.History(uid.get(), replyTo),
                      patience,
                      system.scheduler());
              CompletionStage<List<Map<String, Object>>> decisions = decisions(uid.get());
              return lines.thenCombine(
                  decisions,
                  (timeline, decided) -> {
                    shown.put("timeline", timeline.stream().map(FeedEvent::toMap).toList());
                    shown.put("decisions", decided);
                    return Optional.of(shown);
                  });
            });
  }

  /** Uid of the pod of this name, if it is a member now. */
  CompletionStage<Optional<PodUid>> uid(String name) {
    return known().thenApply(known -> uid(known, name));
  }

  private CompletionStage<WorkloadActor.View> look() {
    return AskPattern.ask(workload, WorkloadActor.Look::new, patience, system.scheduler());
  }

  private CompletionStage<Known> known() {
    CompletionStage<WorkloadActor.View> decided = look();
    CompletionStage<List<LocalPods.View>> listed =
        AskPattern.ask(source, LocalPods.Look::new, patience, system.scheduler());
    CompletionStage<Optional<Hello>> node =
        AskPattern.ask(gateway, NodeGateway.Look::new, patience, system.scheduler());
    return decided.thenCompose(
        view ->
            listed.thenCompose(
                list ->
                    node.thenCompose(
                        hello ->
                            states(view, list)
                                .thenApply(states -> new Known(view, list, hello, states)))));
  }

  private CompletionStage<Map<PodUid, PodState>> states(
      WorkloadActor.View view, List<LocalPods.View> list) {
    var asked = new LinkedHashMap<PodUid, CompletableFuture<PodState>>();
    var uids = new java.util.LinkedHashSet<>(view.state().members().keySet());
    list.stream()
        .filter(each -> each.down().filter(LocalPods.SCALED_DOWN::equals).isEmpty())
        .forEach(each -> uids.add(each.uid()));
    for (PodUid uid : uids) {
      asked.put(
          uid,
          AskPattern.<PodActor.Command, PodState>ask(
                  pods.apply(uid), PodActor.Look::new, patience, system.scheduler())
              .exceptionally(thrown -> PodState.unknown())
              .toCompletableFuture());
    }
    return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
        .thenApply(
            done -> {
              var states = new LinkedHashMap<PodUid, PodState>();
              asked.forEach((uid, state) -> states.put(uid, state.join()));
              return states;
            });
  }

  private static Optional<PodUid> uid(Known known, String name) {
    return known.listed().stream()
        .filter(each -> each.name().value().equals(name))
        .map(LocalPods.View::uid)
        .findFirst()
        .or(
            () ->
                known.decided().state().members().values().stream()
                    .filter(member -> member.name().value().equals(name))
                    .map(Member::pod)
                    .findFirst());
  }

  private Map<String, Object> show(Known known) {
    Workload state = known.decided().state();
    var shown = new LinkedHashMap<String, Object>();
    shown.put("name", policy.name());
    shown.put("mode", policy.mode().name().toLowerCase(Locale.ROOT));
    shown.put("service", policy.service().toString());
    shown.put("term", state.term());
    shown.put("version", state.version());
    shown.put("paused", state.paused());
    shown.put(
        "plane", known.node().map(hello -> hello.getBalancing() ? "kernel" : "none").orElse(null));
    shown.put(
        "missing",
        known.node().map(hello -> List.copyOf(hello.getMissingList())).orElse(List.of()));
    shown.put("tables", known.decided().tables().stream().map(Views::show).toList());
    var all = new ArrayList<Map<String, Object>>();
    known.states().keySet().forEach(uid -> all.add(show(known, uid)));
    shown.put("pods", all);
    return shown;
  }

  private static Map<String, Object> show(TableTimes.Time time) {
    var shown = new LinkedHashMap<String, Object>();
    shown.put("version", time.version());
    shown.put("map_wait_ms", millis(time.mapWait()));
    shown.put("applied_ms", millis(time.applied()));
    shown.put("in_force_ms", millis(time.inForce()));
    return shown;
  }

  private static @Nullable Double millis(OptionalLong nanos) {
    return nanos.isPresent() ? nanos.getAsLong() / 1e6 : null;
  }

  private Map<String, Object> show(Known known, PodUid uid) {
    Workload state = known.decided().state();
    Optional<Member> member = state.member(uid);
    Optional<LocalPods.View> listed =
        known.listed().stream().filter(each -> each.uid().equals(uid)).findFirst();
    PodState pod = known.states().getOrDefault(uid, PodState.unknown());
    Optional<StartFacts> facts = pod.facts();
    Status status = status(member, listed, pod);
    var shown = new LinkedHashMap<String, Object>();
    shown.put(
        "name",
        listed
            .map(each -> each.name().value())
            .or(() -> member.map(each -> each.name().value()))
            .orElse(uid.value()));
    shown.put("uid", uid.value());
    shown.put("slot", member.map(Member::slot).orElse(null));
    shown.put(
        "address",
        listed
            .map(each -> each.endpoint().toString())
            .or(() -> member.map(each -> each.endpoint().toString()))
            .orElse(null));
    shown.put("pid", alive(pod) ? facts.map(StartFacts::pid).orElse(null) : null);
    shown.put("start_id", facts.map(each -> each.start().value()).orElse(null));
    shown.put("state", status.state());
    shown.put("reason", status.reason());
    shown.put("detail", status.detail());
    shown.put("weight", member.map(Member::weight).orElse(0));
    Optional<Stage.Climbing> climbing =
        member
            .map(Member::stage)
            .filter(Stage.Climbing.class::isInstance)
            .map(Stage.Climbing.class::cast);
    shown.put("rung", climbing.map(each -> each.climb().rung()).orElse(null));
    shown.put("passes_in_row", climbing.map(each -> each.climb().passes()).orElse(null));
    shown.put(
        "passes_needed", climbing.map(each -> core.passesNeeded(each.climb().rung())).orElse(null));
    shown.put(
        "observed_percent",
        member
            .map(each -> known.decided().observed().percent(state, each))
            .filter(percent -> percent.isPresent())
            .map(percent -> round(percent.getAsDouble()))
            .orElse(null));
    int sum = state.members().values().stream().mapToInt(Member::weight).sum();
    shown.put(
        "effective_percent",
        sum == 0 ? null : member.map(each -> round(100.0 * each.weight() / sum)).orElse(null));
    shown.put(
        "since_exec_ms",
        alive(pod)
            ? facts
                .flatMap(each -> known.node().map(hello -> since(hello, each.execNanos())))
                .orElse(null)
            : null);
    shown.put("pressure", pressure(known.decided().live().pod(uid)));
    shown.put("restarts", listed.map(LocalPods.View::restarts).orElse(0));
    return shown;
  }

  /** Since its last rung began: shares of the time, retransmits a second; null while unknown. */
  private static @Nullable Map<String, Object> pressure(PodLive pod) {
    Map<WarmupPolicy.Pressure, Pressed> pressed =
        pod.strain().map(Strain::pressed).orElse(Map.of());
    var shown = new LinkedHashMap<String, Object>();
    pressed.forEach(
        (resource, value) ->
            shown.put(
                resource.name().toLowerCase(Locale.ROOT),
                Math.round(
                        1e4
                            * (resource == WarmupPolicy.Pressure.RETRANSMITS
                                ? value.perSecond()
                                : value.share()))
                    / 1e4));
    return shown.isEmpty() ? null : shown;
  }

  private static double round(double percent) {
    return Math.round(percent * 10) / 10.0;
  }

  private static double since(Hello hello, long execNanos) {
    Instant now = Instant.now();
    long nodeNow =
        now.getEpochSecond() * 1_000_000_000L + now.getNano() - hello.getWallOffsetNanos();
    return Math.round((nodeNow - execNanos) / 1e5) / 10.0;
  }

  private static boolean alive(PodState pod) {
    return pod.facts().isPresent() && !(pod instanceof PodState.Gone);
  }

  private static Status status(
      Optional<Member> member, Optional<LocalPods.View> listed, PodState pod) {
    Optional<String> down = listed.flatMap(LocalPods.View::down);
    if (down.isPresent()) {
      return new Status("gone", Reasons.EXITED, down.get());
    } else if (member.isEmpty()) {
      return new Status("appeared", "", "");
    }
    Status status = Status.of(member.get(), pod);
    // While Thaw only observes nobody is ejected, but people are told all the same.
    return pod.facts()
        .flatMap(StartFacts::neverServed)
        .filter(late -> status.reason().isEmpty())
        .map(late -> new Status(status.state(), Reasons.NEVER_SERVED, late.lastError()))
        .orElse(status);
  }

  private CompletionStage<List<Map<String, Object>>> decisions(PodUid uid) {
    String id = WorkloadActor.persistenceId(policy.workload()).id();
    return journal
        .currentEvents(id)
        .runWith(Sink.seq(), system)
        .thenApply(events -> about(events, uid));
  }

  /** Replays the journal: cohorts are known by the state at their time. */
  private List<Map<String, Object>> about(List<EventEnvelope> envelopes, PodUid uid) {
    Workload state = Workload.empty(policy.workload());
    var lines = new ArrayList<Map<String, Object>>();
    for (EventEnvelope envelope : envelopes) {
      if (!(envelope.event() instanceof WorkloadEvent event)) {
        continue;
      }
      Workload after = state.apply(event);
      if (Concerns.pod(state, after, event, uid)) {
        var line = new LinkedHashMap<String, Object>();
        line.put("seq", envelope.sequenceNr());
        line.put("at", event.at().toString());
        line.put("event", event.getClass().getSimpleName());
        line.put("text", Explain.text(event));
        lines.add(line);
      }
      state = after;
    }
    return lines;
  }
}
