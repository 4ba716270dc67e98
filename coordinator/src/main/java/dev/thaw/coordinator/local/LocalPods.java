package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.NodeGateway;
import dev.thaw.coordinator.NodeOrders;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.pod.PodInput;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.protocol.v1.AdoptProcesses;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import dev.thaw.protocol.v1.UntrackPod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.jspecify.annotations.Nullable;

/**
 * The source of pods that are processes of this machine: which there should be, when they start
 * again, when one has gone for good. Says the complete list every few seconds.
 */
public final class LocalPods extends AbstractBehavior<LocalPods.Command> {
  private static final Duration LIST = Duration.ofSeconds(5);
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** Planes that do not answer do not keep a process from being ended. */
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private static final int MOST = 256;

  /** What the source is told. */
  public sealed interface Command {}

  /** The node says something about a process. */
  public record NodeSaid(FromNode message) implements Command {}

  /** An operator wants so many. */
  public record Scale(int replicas, ActorRef<WorkloadActor.Answer> replyTo) implements Command {}

  /** An operator wants this pod's process started anew. */
  public record Restart(String pod, ActorRef<WorkloadActor.Answer> replyTo) implements Command {}

  /** Asks for the pods there are. */
  public record Look(ActorRef<List<View>> replyTo) implements Command {}

  /** Ends every process; answered when all are dead. */
  public record Stop(ActorRef<Done> replyTo) implements Command {}

  /** The writer can be reached: it is told who there is. */
  public enum Connected implements Command {
    CONNECTED
  }

  private enum ListNow implements Command {
    LIST
  }

  private record StartAgain(PodUid pod) implements Command {}

  private record Drained(PodUid pod) implements Command {}

  /** One pod for people; {@code down} is why it has no process and gets none. */
  public record View(
      PodUid uid, PodName name, Endpoint endpoint, int restarts, Optional<String> down) {}

  /** Whom it works with. */
  public record Colleagues(
      EntityRef<WorkloadActor.Command> workload,
      Function<PodUid, EntityRef<PodActor.Command>> pods,
      ActorRef<NodeGateway.Command> gateway,
      ActorRef<Feed.Command> feed) {}

  private enum Plan {
    /** It should run. */
    RUN,
    /** Its process is being ended and another is to follow. */
    RESTART,
    /** Its process is being ended for good. */
    REMOVE
  }

  private static final class Replica {
    final int index;
    final PodUid uid;
    final PodName name;
    final Endpoint endpoint;
    RestartPolicy.History history = RestartPolicy.History.NONE;
    Plan plan = Plan.RUN;
    boolean alive;
    boolean endAsked;
    int restarts;

    Replica(int index, PodUid uid, PodName name, Endpoint endpoint) {
      this.index = index;
      this.uid = uid;
      this.name = name;
      this.endpoint = endpoint;
    }
  }

  private final WarmupPolicy policy;
  private final LocalRun run;
  private final RestartPolicy restarts;
  private final Colleagues colleagues;
  private final TimerScheduler<Command> timers;
  private final LongSupplier nanos;
  private final CompletableFuture<Boolean> allGone;
  private final Map<PodUid, Replica> replicas = new LinkedHashMap<>();
  private final Map<PodUid, View> departed = new HashMap<>();
  private int nextIndex;
  private boolean allZero = true;
  private boolean connected;
  private @Nullable ActorRef<Done> stopping;

  private LocalPods(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      WarmupPolicy policy,
      LocalRun run,
      Colleagues colleagues,
      LongSupplier nanos,
      CompletableFuture<Boolean> allGone) {
    super(context);
    this.timers = timers;
    this.policy = policy;
    this.run = run;
    this.restarts = new RestartPolicy(run.restart());
    this.colleagues = colleagues;
    this.nanos = nanos;
    this.allGone = allGone;
    this.nextIndex = run.firstIndex();
    if (run.adopted().isEmpty()) {
      for (int i = 0; i < run.replicas(); i++) {
        add();
      }
    } else {
      adopt();
    }
    timers.startTimerWithFixedDelay(ListNow.LIST, LIST);
  }

  /**
   * A source that starts or adopts at once.
   *
   * @param allGone completed when no pod is left by itself: whether all of them ended with 0
   */
  public static Behavior<Command> create(
      WarmupPolicy policy,
      LocalRun run,
      Colleagues colleagues,
      LongSupplier nanos,
      CompletableFuture<Boolean> allGone) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new LocalPods(context, timers, policy, run, colleagues, nanos, allGone)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(NodeSaid.class, this::onNodeSaid)
        .onMessage(Scale.class, this::onScale)
        .onMessage(Restart.class, this::onRestart)
        .onMessage(Look.class, this::onLook)
        .onMessage(
            Connected.class,
            now -> {
              connected = true;
              list();
              return this;
            })
        .onMessage(
            ListNow.class,
            now -> {
              list();
              return this;
            })
        .onMessage(
            StartAgain.class,
            again -> {
              Replica replica = replicas.get(again.pod());
              if (replica != null && replica.plan == Plan.RUN && stopping == null) {
                start(replica);
              }
              return this;
            })
        .onMessage(
            Drained.class,
            drained -> {
              Replica replica = replicas.get(drained.pod());
              if (replica != null) {
                end(replica);
              }
              return this;
            })
        .onMessage(Stop.class, this::onStop)
        .build();
  }

  private void adopt() {
    var order = AdoptProcesses.newBuilder();
    for (LocalRun.Adopted each : run.adopted()) {
      var replica = new Replica(index(each.name()), each.uid(), each.name(), each.endpoint());
      replica.alive = true;
      replicas.put(replica.uid, replica);
      colleagues.feed().tell(new Feed.Named(replica.uid, replica.name));
      order.addPods(track(replica));
    }
    order(ToNode.newBuilder().setAdoptProcesses(order));
  }

  private static int index(PodName name) {
    return Integer.parseInt(name.value().substring(name.value().lastIndexOf('-') + 1));
  }

  private Replica add() {
    int index = nextIndex++;
    var name = new PodName(policy.name() + "-" + index);
    var replica =
        new Replica(index, new PodUid(name + "." + run.runId()), name, Addresses.of(policy, index));
    replicas.put(replica.uid, replica);
    remember();
    colleagues.feed().tell(new Feed.Named(replica.uid, name));
    order(ToNode.newBuilder().setTrackPod(track(replica)));
    start(replica);
    return replica;
  }

  private void remember() {
    run.record()
        .remember(
            nextIndex,
            replicas.values().stream()
                .map(each -> new LocalRun.Adopted(each.uid, each.name, each.endpoint))
                .toList());
  }

  private TrackPod track(Replica replica) {
    return NodeOrders.track(policy, replica.uid, replica.name, replica.endpoint);
  }

  private void start(Replica replica) {
    replica.alive = true;
    replica.endAsked = false;
    String host = replica.endpoint.host();
    String port = Integer.toString(replica.endpoint.port());
    order(
        ToNode.newBuilder()
            .setStartProcess(
                StartProcess.newBuilder()
                    .setPodUid(replica.uid.value())
                    .addAllCommand(
                        run.command().stream()
                            .map(word -> word.replace("{addr}", host).replace("{port}", port))
                            .toList())
                    .putAllEnvironment(run.environment())
                    .putEnvironment("THAW_ADDR", host)
                    .putEnvironment("HOST", host)
                    .putEnvironment("PORT", port)
                    .setWorkingDirectory(run.workingDirectory().toString())
                    .setLogFile(run.logFolder().resolve(replica.name + ".log").toString())
                    .setCpuLimitMillicores(run.cpuLimitMillicores())));
  }

  private void order(ToNode.Builder order) {
    colleagues.gateway().tell(new NodeGateway.Order(order.build()));
  }

  private void list() {
    if (connected) {
      colleagues
          .workload()
          .tell(
              new WorkloadActor.Say(
                  new Input.Digest(
                      replicas.values().stream()
                          .map(each -> new Input.Known(each.uid, each.name, each.endpoint))
                          .toList())));
    }
  }

  private Behavior<Command> onNodeSaid(NodeSaid said) {
    FromNode message = said.message();
    switch (message.getMessageCase()) {
      case PROCESS_EXITED -> exited(message.getProcessExited());
      case PROCESS_FAILED -> {
        Replica replica = replicas.get(new PodUid(message.getProcessFailed().getPodUid()));
        if (replica != null && replica.alive) {
          getContext()
              .getLog()
              .warn(
                  "a process could not be started pod={} why={}",
                  replica.name,
                  message.getProcessFailed().getDetail());
          ended(replica, RestartPolicy.End.FAILURE);
        }
      }
      default -> {
        // of no consequence for which pods there are
      }
    }
    return this;
  }

  private void exited(ProcessExited said) {
    Replica replica = replicas.get(new PodUid(said.getStart().getPodUid()));
    if (replica == null || !replica.alive) {
      return;
    }
    boolean zero = said.getHowCase() == ProcessExited.HowCase.EXIT_CODE && said.getExitCode() == 0;
    ended(replica, zero ? RestartPolicy.End.SUCCESS : RestartPolicy.End.FAILURE);
  }

  private void ended(Replica replica, RestartPolicy.End end) {
    replica.alive = false;
    if (stopping != null) {
      stopped();
      return;
    }
    switch (replica.plan) {
      case REMOVE -> depart(replica, "scaled down");
      case RESTART -> {
        replica.plan = Plan.RUN;
        again(replica);
      }
      case RUN -> {
        RestartPolicy.Next next = restarts.ended(end, replica.history, nanos.getAsLong());
        if (next instanceof RestartPolicy.Again again) {
          replica.history = again.history();
          timers.startSingleTimer(replica.uid, new StartAgain(replica.uid), again.after());
          restarted(replica, "in " + again.after().toSeconds() + " s");
        } else if (next instanceof RestartPolicy.StaysDown down) {
          allZero &= end == RestartPolicy.End.SUCCESS;
          depart(replica, down.reason());
        }
      }
    }
  }

  private void again(Replica replica) {
    restarted(replica, "by an operator's command");
    start(replica);
  }

  private void restarted(Replica replica, String why) {
    replica.restarts++;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("restarts", replica.restarts);
    fields.put("reason", why);
    colleagues
        .feed()
        .tell(new Feed.Seen(replica.uid, "restarted", java.util.OptionalLong.empty(), fields));
  }

  private void depart(Replica replica, String reason) {
    replicas.remove(replica.uid);
    remember();
    departed.put(
        replica.uid,
        new View(
            replica.uid, replica.name, replica.endpoint, replica.restarts, Optional.of(reason)));
    order(
        ToNode.newBuilder().setUntrackPod(UntrackPod.newBuilder().setPodUid(replica.uid.value())));
    colleagues.workload().tell(new WorkloadActor.Say(new Input.Deleted(replica.uid, reason)));
    list();
    if (replicas.isEmpty()) {
      allGone.complete(allZero);
    }
  }

  private Behavior<Command> onScale(Scale scale) {
    if (scale.replicas() < 1 || scale.replicas() > MOST) {
      scale
          .replyTo()
          .tell(
              new WorkloadActor.Answer(
                  false, "replicas: " + scale.replicas() + " (expected: 1 to " + MOST + ")"));
      return this;
    }
    List<Replica> kept =
        new ArrayList<>(
            replicas.values().stream().filter(each -> each.plan != Plan.REMOVE).toList());
    int before = kept.size();
    for (int i = before; i < scale.replicas(); i++) {
      add();
    }
    kept.sort(java.util.Comparator.comparingInt((Replica each) -> each.index).reversed());
    kept.stream().limit(Math.max(0, before - scale.replicas())).forEach(this::remove);
    list();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("from", before);
    fields.put("to", scale.replicas());
    colleagues.feed().tell(new Feed.Said("scaled", fields));
    scale
        .replyTo()
        .tell(
            new WorkloadActor.Answer(
                true,
                "%s has %d replicas now (it had %d)."
                    .formatted(policy.name(), scale.replicas(), before)));
    return this;
  }

  private void remove(Replica replica) {
    replica.plan = Plan.REMOVE;
    if (replica.alive) {
      drain(replica);
    } else {
      timers.cancel(replica.uid);
      depart(replica, "scaled down");
    }
  }

  private Behavior<Command> onRestart(Restart restart) {
    Optional<Replica> found =
        replicas.values().stream()
            .filter(each -> each.name.value().equals(restart.pod()))
            .findFirst();
    if (found.isEmpty()) {
      restart.replyTo().tell(new WorkloadActor.Answer(false, "no pod " + restart.pod()));
      return this;
    }
    Replica replica = found.get();
    if (replica.plan != Plan.RUN) {
      restart
          .replyTo()
          .tell(new WorkloadActor.Answer(false, restart.pod() + " is being ended already"));
      return this;
    }
    if (replica.alive && !timers.isTimerActive(replica.uid)) {
      replica.plan = Plan.RESTART;
      drain(replica);
    } else {
      timers.cancel(replica.uid);
      again(replica);
    }
    restart.replyTo().tell(new WorkloadActor.Answer(true, restart.pod() + " is started anew."));
    return this;
  }

  /** Its traffic goes first, its process after it. */
  private void drain(Replica replica) {
    colleagues.pods().apply(replica.uid).tell(new PodActor.Hear(new PodInput.Ending()));
    getContext()
        .ask(
            Done.class,
            colleagues.workload(),
            DRAIN,
            replyTo -> new WorkloadActor.WhenDrained(replica.uid, replyTo),
            (done, thrown) -> new Drained(replica.uid));
  }

  private void end(Replica replica) {
    if (replica.alive && !replica.endAsked) {
      replica.endAsked = true;
      order(
          ToNode.newBuilder()
              .setEndProcess(
                  EndProcess.newBuilder()
                      .setPodUid(replica.uid.value())
                      .setGraceNanos(GRACE.toNanos())));
    }
  }

  private Behavior<Command> onLook(Look look) {
    var views = new ArrayList<View>();
    replicas
        .values()
        .forEach(
            each ->
                views.add(
                    new View(each.uid, each.name, each.endpoint, each.restarts, Optional.empty())));
    views.addAll(departed.values());
    look.replyTo().tell(views);
    return this;
  }

  private Behavior<Command> onStop(Stop stop) {
    stopping = stop.replyTo();
    replicas.values().forEach(each -> timers.cancel(each.uid));
    replicas.values().forEach(this::end);
    stopped();
    return this;
  }

  private void stopped() {
    if (stopping != null && replicas.values().stream().noneMatch(each -> each.alive)) {
      stopping.tell(Done.getInstance());
    }
  }
}
