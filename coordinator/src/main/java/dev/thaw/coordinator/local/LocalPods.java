package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.persistence.WeightTable;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessFailed;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
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

  /** Ends every process; answered when all are dead, or some are not after {@code patience}. */
  public record Stop(Duration patience, ActorRef<Stopped> replyTo) implements Command {}

  /** The answer to {@link Stop}: whose processes still run. */
  public record Stopped(List<StillRunning> left) {
    public Stopped {
      left = List.copyOf(left);
    }
  }

  /** {@code pid}: 0 while nobody has told it. */
  public record StillRunning(PodName pod, int pid) {}

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

  private enum StopOverdue implements Command {
    OVERDUE
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
  private final Colleagues colleagues;
  private final TimerScheduler<Command> timers;
  private final Roster roster;
  private final Outbox outbox;
  private final Lives lives;
  private final OperatorWords operator;
  private boolean connected;

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
    this.policy = policy;
    this.settings = settings;
    this.colleagues = colleagues;
    this.timers = timers;
    this.roster = new Roster(policy, run);
    this.outbox = new Outbox(policy, run, colleagues);
    this.lives =
        new Lives(
            roster,
            outbox,
            new RestartPolicy(run.restart(), restarts),
            settings.grace(),
            nanos,
            new AsMessages(),
            allGone);
    this.operator =
        new OperatorWords(policy.name(), roster, lives::add, lives::remove, lives::restart);
    if (roster.isEmpty()) {
      for (int i = 0; i < run.replicas(); i++) {
        lives.add();
      }
    } else {
      outbox.adopt(roster.present());
    }
    timers.startTimerWithFixedDelay(ListNow.LIST, settings.list());
  }

  /** What takes time comes back to this actor. */
  private final class AsMessages implements Lives.Later {
    @Override
    public void startAgain(Replica replica, Duration after) {
      timers.startSingleTimer(replica.uid, new StartAgain(replica.uid, after), after);
    }

    @Override
    public boolean startsAgain(Replica replica) {
      return timers.isTimerActive(replica.uid);
    }

    @Override
    public void startNoMore(Replica replica) {
      timers.cancel(replica.uid);
    }

    /** A writer or a plane that does not answer keeps nobody from being ended. */
    @Override
    public void drain(Replica replica) {
      getContext()
          .ask(
              Done.class,
              colleagues.workload(),
              settings.drain(),
              replyTo -> new WorkloadActor.WhenDrained(replica.uid, replyTo),
              (done, thrown) -> new Drained(replica.uid));
    }

    @Override
    public void list() {
      LocalPods.this.list();
    }
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
        .onMessage(ListNow.class, now -> then(this::list))
        .onMessage(
            StartAgain.class, again -> then(() -> lives.startAgain(again.pod(), again.after())))
        .onMessage(Drained.class, drained -> then(() -> lives.drained(drained.pod())))
        .onMessage(Stop.class, this::onStop)
        .onMessage(StopOverdue.class, now -> then(lives::giveUp))
        .onMessage(Kill.class, now -> then(lives::kill))
        .build();
  }

  private Behavior<Command> then(Runnable action) {
    action.run();
    return this;
  }

  private Behavior<Command> onStop(Stop stop) {
    timers.startSingleTimer(StopOverdue.OVERDUE, stop.patience());
    lives.stop(stop.replyTo());
    return this;
  }

  private void list() {
    if (connected) {
      outbox.list(roster.digest());
    }
  }

  private Behavior<Command> onConnected() {
    connected = true;
    list();
    return this;
  }

  private Behavior<Command> onNodeSaid(NodeSaid said) {
    FromNode message = said.message();
    switch (message.getMessageCase()) {
      case PROCESS_STARTED -> started(message.getProcessStarted());
      case SIGNAL -> listens(message.getSignal());
      case PROCESS_EXITED -> exited(message.getProcessExited());
      case PROCESS_FAILED -> failed(message.getProcessFailed());
      default -> {
        // of no consequence for which pods there are
      }
    }
    return this;
  }

  private Optional<Replica> replica(String uid) {
    return Optional.ofNullable(roster.find(new PodUid(uid)));
  }

  private void started(ProcessStarted said) {
    replica(said.getStart().getPodUid()).ifPresent(each -> lives.started(each, said.getPid()));
  }

  private void exited(ProcessExited said) {
    boolean zero = said.getHowCase() == ProcessExited.HowCase.EXIT_CODE && said.getExitCode() == 0;
    replica(said.getStart().getPodUid())
        .filter(each -> each.ends(said.getStart().getStartId()))
        .ifPresent(
            each ->
                lives.ended(each, zero ? RestartPolicy.End.SUCCESS : RestartPolicy.End.FAILURE));
  }

  private void failed(ProcessFailed said) {
    replica(said.getPodUid())
        .filter(each -> each.alive)
        .ifPresent(
            each -> {
              getContext()
                  .getLog()
                  .warn(
                      "a process could not be started pod={} why={}", each.name, said.getDetail());
              lives.ended(each, RestartPolicy.End.FAILURE);
            });
  }

  private void listens(Signal said) {
    replica(said.getStart().getPodUid())
        .filter(each -> EveryAddress.taken(said))
        .ifPresent(
            each -> {
              each.onEveryAddress = true;
              sayWhoTakesAll();
            });
  }

  private void sayWhoTakesAll() {
    EveryAddress.trouble(roster.present(), policy.targetPort())
        .ifPresent(why -> outbox.degraded("addresses", why));
  }

  private Behavior<Command> onWord(Command word) {
    whoServes(serving -> new Knowing(word, serving));
    return this;
  }

  private Behavior<Command> onKnowing(Knowing known) {
    if (known.word() instanceof Scale scale) {
      int before = roster.staying().size();
      WorkloadActor.Answer answer =
          lives.stopping() ? ENDING : operator.scale(scale.replicas(), known.serving());
      if (answer.accepted()) {
        list();
        sayWhoTakesAll();
        outbox.scaled(before, scale.replicas());
      }
      scale.replyTo().tell(answer);
    } else if (known.word() instanceof Restart restart) {
      restart
          .replyTo()
          .tell(lives.stopping() ? ENDING : operator.restart(restart.pod(), known.serving()));
    }
    return this;
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

  private Behavior<Command> onLook(Look look) {
    look.replyTo().tell(roster.views());
    return this;
  }
}
