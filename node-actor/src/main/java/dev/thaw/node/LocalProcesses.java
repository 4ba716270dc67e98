package dev.thaw.node;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.protocol.v1.AdoptionDone;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessFailed;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.TrackPod;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns this node's local processes: starts them in control groups of their own, adopts what a
 * killed predecessor left, ends them. What blocks runs on the native dispatcher and comes back as a
 * message.
 */
final class LocalProcesses extends AbstractBehavior<LocalProcesses.Command> {
  private static final Duration KILL_RETRY = Duration.ofMillis(200);
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final DispatcherSelector NATIVE =
      DispatcherSelector.fromConfig("thaw.node.native-dispatcher");
  private static final Logger LOG = LoggerFactory.getLogger(LocalProcesses.class);

  sealed interface Command {}

  record Start(StartProcess process, TrackPod pod) implements Command {}

  record Adopt(List<TrackPod> pods) implements Command {}

  record End(EndProcess process) implements Command {}

  /**
   * Lets go of what still runs; with {@code clean} groups and register go where nothing runs any
   * more.
   */
  record Stop(boolean clean, ActorRef<Done> replyTo) implements Command {}

  /**
   * The pod is no more: the kernel's watch on its group ends and the group goes. Its process has
   * ended.
   */
  record Forget(TrackPod pod) implements Command {}

  /** The kernel tells of no listeners any more; {@code open} as in {@link LookAgain}. */
  record Blind(Map<String, Set<InetSocketAddress>> open) implements Command {}

  /** Looks at /proc for listeners; {@code open} by pod: what has been told of them so far. */
  record LookAgain(Map<String, Set<InetSocketAddress>> open) implements Command {}

  private record Spawned(LocalProcess process, ProcessStarted said) implements Command {}

  private record NotStarted(String podUid, String why) implements Command {}

  private record Adopted(LocalProcess process, ProcessStarted said) implements Command {}

  private record AdoptionEnded(int adopted, int gone) implements Command {}

  private record Ended(LocalProcess process, ProcessExited how) implements Command {}

  private record KillDue(LocalProcess process) implements Command {}

  private enum LookDue implements Command {
    INSTANCE
  }

  private record Looked(LocalProcess process, Set<InetSocketAddress> listeners)
      implements Command {}

  /**
   * What the node is told: a message for the coordinator, and what it means for kernel events. Any
   * thread.
   */
  interface Listener {
    /** A process of this pod is about to be started in this group. Called before it exists. */
    void expecting(TrackPod pod, ProcessIndex.Group group);

    /** A predecessor's process in this group is about to be told of as started. */
    void adopting(TrackPod pod, ProcessIndex.Group group);

    void said(FromNode message);
  }

  private boolean signals;
  private final PodGroups groups;
  private final ProcessRegister register;
  private final ProcessLaunch launch;
  private final ProcessAdopter adopter;
  private final ActorRef<KernelWatch.Command> kernel;
  private final Listener listener;
  private final Executor blocking;
  private final TimerScheduler<Command> timers;
  private final ActorRef<Command> self = getContext().getSelf();

  /** Pods whose process is on its way: it has no pid yet. */
  private final Set<String> starting = new HashSet<>();

  private final Map<String, LocalProcess> running = new HashMap<>();
  private final ListenerChanges listeners = new ListenerChanges();

  private LocalProcesses(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      NodeSettings settings,
      Optional<CgroupLayout> layout,
      boolean signals,
      ActorRef<KernelWatch.Command> kernel,
      Listener listener) {
    super(context);
    this.signals = signals;
    String bootId = Clocks.bootId();
    this.timers = timers;
    this.groups = new PodGroups(layout, settings.cgroupParent());
    this.register = new ProcessRegister(settings.stateFolder());
    this.adopter = new ProcessAdopter(groups, register, bootId);
    this.kernel = kernel;
    this.listener = listener;
    this.blocking = context.getSystem().dispatchers().lookup(NATIVE);
    this.launch =
        new ProcessLaunch(
            groups,
            new ProcessStarter(register, bootId),
            kernel,
            listener::expecting,
            blocking,
            context.getSystem().scheduler());
  }

  /**
   * Processes that are known on when something fails.
   *
   * @param layout empty where we may not make control groups
   * @param signals whether the kernel tells of listeners; else /proc is looked at
   * @param listener must only hand on
   */
  static Behavior<Command> create(
      NodeSettings settings,
      Optional<CgroupLayout> layout,
      boolean signals,
      ActorRef<KernelWatch.Command> kernel,
      Listener listener) {
    return Supervised.resumed(
        Command.class,
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> {
                      if (!signals) {
                        timers.startTimerWithFixedDelay(LookDue.INSTANCE, LOOK);
                      }
                      return new LocalProcesses(
                          context, timers, settings, layout, signals, kernel, listener);
                    })),
        why -> listener.said(NodeActor.degradation("processes", why)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Start.class, this::onStart)
        .onMessage(Spawned.class, this::onSpawned)
        .onMessage(NotStarted.class, this::onNotStarted)
        .onMessage(Adopt.class, this::onAdopt)
        .onMessage(Adopted.class, this::onAdopted)
        .onMessage(AdoptionEnded.class, this::onAdoptionEnded)
        .onMessage(Ended.class, this::onEnded)
        .onMessage(End.class, this::onEnd)
        .onMessage(KillDue.class, this::onKillDue)
        .onMessageEquals(LookDue.INSTANCE, this::onLookDue)
        .onMessage(LookAgain.class, this::onLookAgain)
        .onMessage(Blind.class, this::onBlind)
        .onMessage(Forget.class, this::onForget)
        .onMessage(Looked.class, this::onLooked)
        .onMessage(Stop.class, this::onStop)
        .build();
  }

  /** An order may come twice before the first is answered: whoever gave it cannot know. */
  private Behavior<Command> onStart(Start command) {
    String uid = command.process().getPodUid();
    LocalProcess earlier = running.get(uid);
    if (earlier != null) {
      return onNotStarted(
          new NotStarted(
              uid, "its earlier process, pid " + earlier.entry().pid() + ", still runs"));
    } else if (!starting.add(uid)) {
      return this;
    }
    launch
        .launch(command.process(), command.pod())
        .thenAccept(this::launched)
        .exceptionally(
            thrown -> {
              self.tell(new NotStarted(uid, Causes.sentence(thrown)));
              return null;
            });
    return this;
  }

  /** Says that it runs before anything can say that it ended. */
  private void launched(ProcessLaunch.Launched launched) {
    LocalProcess process = launched.started().process();
    self.tell(new Spawned(process, process.describe().setTakenBy(launched.takenBy()).build()));
    launched
        .started()
        .status()
        .thenAcceptAsync(
            status -> ended(process, LastWords.of(process, status, Clocks.monotonicNanos())),
            blocking);
  }

  /**
   * Whom it left in its group is gone before its end is told: the next start there must not be
   * taken for one of them.
   */
  private void ended(LocalProcess process, ProcessExited how) {
    try {
      process.sweep();
      register.remove(process.podUid());
    } catch (UncheckedIOException e) {
      LOG.warn(
          "not all of a process was cleared away uid={} why={}", process.podUid(), e.toString());
    }
    self.tell(new Ended(process, how));
  }

  private Behavior<Command> onSpawned(Spawned message) {
    starting.remove(message.process().podUid());
    up(message.process(), message.said());
    return this;
  }

  private void up(LocalProcess process, ProcessStarted said) {
    running.put(process.podUid(), process);
    listener.said(FromNode.newBuilder().setProcessStarted(said).build());
  }

  private Behavior<Command> onNotStarted(NotStarted message) {
    starting.remove(message.podUid());
    listener.said(
        FromNode.newBuilder()
            .setProcessFailed(
                ProcessFailed.newBuilder().setPodUid(message.podUid()).setDetail(message.why()))
            .build());
    return this;
  }

  private Behavior<Command> onAdopt(Adopt command) {
    blocking.execute(
        () -> {
          int adopted = 0;
          for (TrackPod pod : command.pods()) {
            if (adopt(pod)) {
              adopted++;
            }
          }
          self.tell(new AdoptionEnded(adopted, command.pods().size() - adopted));
        });
    return this;
  }

  private boolean adopt(TrackPod pod) {
    ProcessAdopter.Adoption adoption = adopter.adopt(pod);
    if (adoption instanceof ProcessAdopter.Found found) {
      LocalProcess process = found.process();
      self.tell(new Adopted(process, process.describe().build()));
      found.whenEnded(() -> ended(process, LastWords.unknown(process, Clocks.monotonicNanos())));
      return true;
    }
    var gone = (ProcessAdopter.Gone) adoption;
    exited(LastWords.unseen(gone.start(), Clocks.monotonicNanos()));
    return false;
  }

  private void exited(ProcessExited how) {
    listener.said(FromNode.newBuilder().setProcessExited(how).build());
  }

  private Behavior<Command> onAdopted(Adopted message) {
    LocalProcess process = message.process();
    listener.adopting(process.pod(), process.group());
    blocking.execute(
        () -> {
          if (!signals) {
            look(process); // else the kernel's own record comes first, then a LookAgain
          }
          process.image().ifPresent(path -> kernel.tell(new KernelWatch.Mark(path)));
        });
    kernel.tell(
        new KernelWatch.Watch(
            process.group(), Optional.empty(), getContext().getSystem().ignoreRef()));
    up(process, message.said());
    return this;
  }

  private Behavior<Command> onLookDue() {
    running.values().forEach(process -> blocking.execute(() -> look(process)));
    return this;
  }

  private Behavior<Command> onLookAgain(LookAgain command) {
    running
        .values()
        .forEach(
            process ->
                listeners.assume(
                    process.start(), command.open().getOrDefault(process.podUid(), Set.of())));
    return onLookDue();
  }

  private Behavior<Command> onBlind(Blind message) {
    signals = false;
    timers.startTimerWithFixedDelay(LookDue.INSTANCE, LOOK);
    return onLookAgain(new LookAgain(message.open()));
  }

  private Behavior<Command> onForget(Forget command) {
    String uid = command.pod().getPodUid();
    if (!running.containsKey(uid) && !starting.contains(uid)) {
      getContext().spawnAnonymous(Vacating.of(groups, command.pod().getPodName(), kernel), NATIVE);
    }
    return this;
  }

  private void look(LocalProcess process) {
    self.tell(new Looked(process, ListenerChanges.look(process)));
  }

  private Behavior<Command> onLooked(Looked message) {
    if (running.containsValue(message.process())) {
      listeners
          .since(message.process(), message.listeners(), Clocks.monotonicNanos())
          .forEach(signal -> listener.said(FromNode.newBuilder().setSignal(signal).build()));
    }
    return this;
  }

  private Behavior<Command> onAdoptionEnded(AdoptionEnded message) {
    listener.said(
        FromNode.newBuilder()
            .setAdoptionDone(
                AdoptionDone.newBuilder().setAdopted(message.adopted()).setGone(message.gone()))
            .build());
    return this;
  }

  private Behavior<Command> onEnded(Ended message) {
    LocalProcess process = message.process();
    timers.cancel(process.podUid());
    if (running.remove(process.podUid(), process)) {
      listeners.forget(process.start());
      kernel.tell(new KernelWatch.Unwatch(process.group()));
      exited(message.how());
    }
    return this;
  }

  private Behavior<Command> onEnd(End command) {
    LocalProcess process = running.get(command.process().getPodUid());
    if (process == null) {
      return this;
    }
    long grace = command.process().getGraceNanos();
    if (grace > 0) {
      blocking.execute(() -> process.signal(LocalProcess.SIGTERM));
      timers.startSingleTimer(process.podUid(), new KillDue(process), Duration.ofNanos(grace));
      return this;
    }
    return onKillDue(new KillDue(process));
  }

  /** Again until it is gone: a process may fork while it is being killed. */
  private Behavior<Command> onKillDue(KillDue message) {
    blocking.execute(() -> message.process().signal(LocalProcess.SIGKILL));
    timers.startSingleTimer(message.process().podUid(), message, KILL_RETRY);
    return this;
  }

  private Behavior<Command> onStop(Stop command) {
    if (command.clean()) {
      groups.clean();
    }
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }
}
