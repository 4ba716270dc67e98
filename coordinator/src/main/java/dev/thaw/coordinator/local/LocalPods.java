package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.NodeGateway;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.persistence.WeightTable;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
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
  /** Why a pod is gone that nobody misses. */
  public static final String SCALED_DOWN = "scaled down";

  private static final WorkloadActor.Answer ENDING =
      new WorkloadActor.Answer(false, "the run is ending");

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

  /** Ends every process at once, those that are being ended already too. */
  public enum Kill implements Command {
    KILL
  }

  private enum ListNow implements Command {
    LIST
  }

  private record StartAgain(PodUid pod, Duration after) implements Command {}

  private record Drained(PodUid pod) implements Command {}

  private record Knowing(Command word, Set<PodUid> serving) implements Command {}

  /** One pod for people; {@code down} is why it has no process and gets none. */
  public record View(
      PodUid uid, PodName name, Endpoint endpoint, int restarts, Optional<String> down) {}

  /** Whom it works with. */
  public record Colleagues(
      EntityRef<WorkloadActor.Command> workload,
      Function<PodUid, EntityRef<PodActor.Command>> pods,
      ActorRef<NodeGateway.Command> gateway,
      ActorRef<Feed.Command> feed) {}

  private final WarmupPolicy policy;
  private final LocalSettings settings;
  private final RestartPolicy restarts;
  private final Colleagues colleagues;
  private final TimerScheduler<Command> timers;
  private final LongSupplier nanos;
  private final CompletableFuture<Boolean> allGone;
  private final Roster roster;
  private final Outbox outbox;
  private final OperatorWords operator;
  private boolean allZero = true;
  private boolean connected;
  private @Nullable ActorRef<Done> stopping;

  private LocalPods(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      WarmupPolicy policy,
      LocalRun run,
      LocalSettings settings,
      RestartSettings restarts,
      Colleagues colleagues,
      LongSupplier nanos,
      CompletableFuture<Boolean> allGone) {
    super(context);
    this.settings = settings;
    this.timers = timers;
    this.policy = policy;
    this.restarts = new RestartPolicy(run.restart(), restarts);
    this.colleagues = colleagues;
    this.nanos = nanos;
    this.allGone = allGone;
    this.roster = new Roster(policy, run);
    this.outbox = new Outbox(policy, run, colleagues);
    this.operator =
        new OperatorWords(policy.name(), roster, this::add, this::remove, this::restart);
    if (roster.isEmpty()) {
      for (int i = 0; i < run.replicas(); i++) {
        add();
      }
    } else {
      outbox.adopt(roster.present());
    }
    timers.startTimerWithFixedDelay(ListNow.LIST, settings.list());
  }

  /**
   * A source that starts or adopts at once.
   *
   * @param allGone completed when no pod is left by itself: whether all of them ended with 0
   */
  public static Behavior<Command> create(
      WarmupPolicy policy,
      LocalRun run,
      LocalSettings settings,
      RestartSettings restarts,
      Colleagues colleagues,
      LongSupplier nanos,
      CompletableFuture<Boolean> allGone) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new LocalPods(
                        context,
                        timers,
                        policy,
                        run,
                        settings,
                        restarts,
                        colleagues,
                        nanos,
                        allGone)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(NodeSaid.class, this::onNodeSaid)
        .onMessage(Scale.class, this::onWord)
        .onMessage(Restart.class, this::onWord)
        .onMessage(Knowing.class, this::onKnowing)
        .onMessage(Look.class, this::onLook)
        .onMessage(Connected.class, now -> onConnected())
        .onMessage(ListNow.class, now -> onListNow())
        .onMessage(StartAgain.class, this::onStartAgain)
        .onMessage(Drained.class, this::onDrained)
        .onMessage(Stop.class, this::onStop)
        .onMessage(Kill.class, now -> onKill())
        .build();
  }

  private void add() {
    Replica replica = roster.add();
    outbox.track(replica);
    start(replica);
  }

  private void start(Replica replica) {
    replica.starting();
    outbox.start(replica);
  }

  private void list() {
    if (connected) {
      outbox.list(roster.digest());
    }
  }

  private Behavior<Command> onConnected() {
    connected = true;
    return onListNow();
  }

  private Behavior<Command> onListNow() {
    list();
    return this;
  }

  private Behavior<Command> onStartAgain(StartAgain again) {
    Replica replica = roster.find(again.pod());
    if (replica != null && replica.plan == Replica.Plan.RUN && stopping == null) {
      restarted(replica, "after " + again.after().toSeconds() + " s");
      start(replica);
    }
    return this;
  }

  private Behavior<Command> onDrained(Drained drained) {
    Replica replica = roster.find(drained.pod());
    if (replica != null && replica.plan != Replica.Plan.RUN) { // else it has died and runs anew
      end(replica);
    }
    return this;
  }

  private Behavior<Command> onNodeSaid(NodeSaid said) {
    FromNode message = said.message();
    switch (message.getMessageCase()) {
      case SIGNAL -> listens(message.getSignal());
      case PROCESS_EXITED -> exited(message.getProcessExited());
      case PROCESS_FAILED -> {
        Replica replica = roster.find(new PodUid(message.getProcessFailed().getPodUid()));
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

  private void listens(Signal said) {
    Replica replica = roster.find(new PodUid(said.getStart().getPodUid()));
    if (replica != null && EveryAddress.taken(said)) {
      replica.onEveryAddress = true;
      sayWhoTakesAll();
    }
  }

  private void sayWhoTakesAll() {
    EveryAddress.trouble(roster.present(), policy.targetPort())
        .ifPresent(why -> outbox.degraded("addresses", why));
  }

  private void exited(ProcessExited said) {
    Replica replica = roster.find(new PodUid(said.getStart().getPodUid()));
    if (replica == null || !replica.alive || isRepeated(replica, said.getStart())) {
      return;
    }
    replica.endedStart = said.getStart().getStartId();
    boolean zero = said.getHowCase() == ProcessExited.HowCase.EXIT_CODE && said.getExitCode() == 0;
    ended(replica, zero ? RestartPolicy.End.SUCCESS : RestartPolicy.End.FAILURE);
  }

  /** An end that is only said again is not the next process's. */
  private static boolean isRepeated(Replica replica, StartRef start) {
    return !start.getStartId().isEmpty() && start.getStartId().equals(replica.endedStart);
  }

  private void ended(Replica replica, RestartPolicy.End end) {
    replica.alive = false;
    if (stopping != null) {
      stopped();
      return;
    }
    switch (replica.plan) {
      case REMOVE -> depart(replica, SCALED_DOWN);
      case RESTART -> {
        replica.plan = Replica.Plan.RUN;
        again(replica);
      }
      case RUN -> {
        RestartPolicy.Next next = restarts.ended(end, replica.history, nanos.getAsLong());
        if (next instanceof RestartPolicy.Again again) {
          replica.history = again.history();
          timers.startSingleTimer(
              replica.uid, new StartAgain(replica.uid, again.after()), again.after());
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
    outbox.restarted(replica, why);
  }

  private void depart(Replica replica, String reason) {
    roster.departed(replica, reason);
    outbox.departed(replica, reason);
    list();
    if (roster.isEmpty()) {
      allGone.complete(allZero);
    }
  }

  private Behavior<Command> onWord(Command word) {
    whoServes(serving -> new Knowing(word, serving));
    return this;
  }

  private Behavior<Command> onKnowing(Knowing known) {
    if (known.word() instanceof Scale scale) {
      int before = roster.staying().size();
      WorkloadActor.Answer answer =
          stopping == null ? operator.scale(scale.replicas(), known.serving()) : ENDING;
      if (answer.accepted()) {
        list();
        sayWhoTakesAll();
        outbox.scaled(before, scale.replicas());
      }
      scale.replyTo().tell(answer);
    } else if (known.word() instanceof Restart restart) {
      restart
          .replyTo()
          .tell(stopping == null ? operator.restart(restart.pod(), known.serving()) : ENDING);
    }
    return this;
  }

  private void remove(Replica replica) {
    replica.plan = Replica.Plan.REMOVE;
    if (replica.alive) {
      drain(replica);
    } else {
      timers.cancel(replica.uid);
      depart(replica, SCALED_DOWN);
    }
  }

  private void restart(Replica replica) {
    if (replica.alive && !timers.isTimerActive(replica.uid)) {
      replica.plan = Replica.Plan.RESTART;
      drain(replica);
    } else {
      timers.cancel(replica.uid);
      again(replica);
    }
  }

  /** Asks the writer; one that does not answer keeps nobody from being ended. */
  private void whoServes(Function<Set<PodUid>, Command> then) {
    getContext()
        .ask(
            WorkloadActor.View.class,
            colleagues.workload(),
            settings.drain(),
            WorkloadActor.Look::new,
            (view, thrown) ->
                then.apply(
                    thrown == null
                        ? view.state().table().entries().stream()
                            .map(WeightTable.Entry::pod)
                            .collect(Collectors.toSet())
                        : Set.of()));
  }

  /** Its traffic goes first, its process after it; planes that do not answer keep nobody. */
  private void drain(Replica replica) {
    outbox.ending(replica);
    getContext()
        .ask(
            Done.class,
            colleagues.workload(),
            settings.drain(),
            replyTo -> new WorkloadActor.WhenDrained(replica.uid, replyTo),
            (done, thrown) -> new Drained(replica.uid));
  }

  private void end(Replica replica) {
    if (replica.alive && !replica.endAsked) {
      replica.endAsked = true;
      outbox.end(replica, settings.grace());
    }
  }

  private Behavior<Command> onLook(Look look) {
    look.replyTo().tell(roster.views());
    return this;
  }

  private Behavior<Command> onStop(Stop stop) {
    stopping = stop.replyTo();
    roster.present().forEach(each -> timers.cancel(each.uid));
    roster.present().forEach(this::end);
    stopped();
    return this;
  }

  private Behavior<Command> onKill() {
    roster.present().forEach(each -> outbox.end(each, Duration.ZERO));
    return this;
  }

  private void stopped() {
    if (stopping != null && roster.present().stream().noneMatch(each -> each.alive)) {
      stopping.tell(Done.getInstance());
    }
  }
}
