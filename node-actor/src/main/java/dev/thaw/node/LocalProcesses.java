package dev.thaw.node;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.LibC;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/**
 * Owns this node's local processes: starts them in control groups of their own, adopts what a
 * killed predecessor left, ends them. What blocks runs on the native dispatcher and comes back as a
 * message.
 */
final class LocalProcesses extends AbstractBehavior<LocalProcesses.Command> {
  private static final Duration KILL_RETRY = Duration.ofMillis(200);
  private static final DispatcherSelector NATIVE =
      DispatcherSelector.fromConfig("thaw.node.native-dispatcher");

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

  private record Up(LocalProcess process, ProcessStarted said) implements Command {}

  private record NotStarted(String podUid, String why) implements Command {}

  private record Died(LocalProcess process, ProcessStarted said, ProcessExited how)
      implements Command {}

  private record NeverStarted(StartRef start) implements Command {}

  private record AdoptionEnded(int adopted, int gone) implements Command {}

  private record Ended(LocalProcess process, ProcessExited how) implements Command {}

  private record KillDue(LocalProcess process) implements Command {}

  /**
   * What the node is told: a message for the coordinator, and what it means for kernel events. Any
   * thread.
   */
  interface Listener {
    /** A process of this pod is about to be started in this group. Called before it exists. */
    void expecting(TrackPod pod, ProcessIndex.Group group);

    /** A predecessor's process in this group, alive or dead, is about to be told of as started. */
    void adopting(TrackPod pod, ProcessIndex.Group group);

    void said(FromNode message);
  }

  private final ProcessTools tools;
  private final ActorRef<KernelWatch.Command> kernel;
  private final ActorRef<ListenerLooks.Command> looks;
  private final Listener listener;
  private final Executor blocking;
  private final TimerScheduler<Command> timers;
  private final ActorRef<Command> self = getContext().getSelf();

  private final Map<String, OnItsWay> coming = new HashMap<>();
  private final Map<String, LocalProcess> running = new HashMap<>();

  private LocalProcesses(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      NodeSettings settings,
      Optional<CgroupLayout> layout,
      ActorRef<KernelWatch.Command> kernel,
      ActorRef<ListenerLooks.Command> looks,
      Listener listener) {
    super(context);
    this.timers = timers;
    this.kernel = kernel;
    this.looks = looks;
    this.listener = listener;
    this.blocking = context.getSystem().dispatchers().lookup(NATIVE);
    this.tools =
        ProcessTools.of(
            settings, layout, kernel, listener::expecting, blocking, context.getSystem());
  }

  /**
   * Processes that are known on when something fails.
   *
   * @param layout empty where we may not make control groups
   * @param looks told which processes run
   * @param listener must only hand on
   */
  static Behavior<Command> create(
      NodeSettings settings,
      Optional<CgroupLayout> layout,
      ActorRef<KernelWatch.Command> kernel,
      ActorRef<ListenerLooks.Command> looks,
      Listener listener) {
    return Supervised.resumed(
        Command.class,
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers ->
                        new LocalProcesses(
                            context, timers, settings, layout, kernel, looks, listener))),
        why -> listener.said(NodeActor.degradation("processes", why)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Start.class, this::onStart)
        .onMessage(Up.class, this::onUp)
        .onMessage(NotStarted.class, this::onNotStarted)
        .onMessage(Adopt.class, this::onAdopt)
        .onMessage(Died.class, this::onDied)
        .onMessage(NeverStarted.class, this::onNeverStarted)
        .onMessage(AdoptionEnded.class, this::onAdoptionEnded)
        .onMessage(Ended.class, this::onEnded)
        .onMessage(End.class, this::onEnd)
        .onMessage(KillDue.class, this::onKillDue)
        .onMessage(Forget.class, this::onForget)
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
    } else if (coming.containsKey(uid)) {
      return this;
    }
    var process = new OnItsWay();
    coming.put(uid, process);
    tools
        .launch()
        .launch(command.process(), command.pod(), process)
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
    self.tell(new Up(process, process.describe().setTakenBy(launched.takenBy()).build()));
    tools.ends().of(launched.started()).thenAccept(how -> self.tell(new Ended(process, how)));
  }

  private Behavior<Command> onUp(Up message) {
    LocalProcess process = message.process();
    OnItsWay arrived = coming.remove(process.podUid());
    if (process.adopted()) {
      listener.adopting(process.pod(), process.group());
      tools.launch().watchAgain(process);
    }
    running.put(process.podUid(), process);
    looks.tell(new ListenerLooks.Began(process)); // before who hears of it may ask for a look
    listener.said(FromNode.newBuilder().setProcessStarted(message.said()).build());
    if (arrived != null) {
      arrived.ending().ifPresent(grace -> end(process, grace));
    }
    return this;
  }

  private Behavior<Command> onNotStarted(NotStarted message) {
    coming.remove(message.podUid());
    listener.said(Reports.notStarted(message.podUid(), message.why()));
    return this;
  }

  private Behavior<Command> onAdopt(Adopt command) {
    command.pods().forEach(pod -> coming.put(pod.getPodUid(), new OnItsWay()));
    tools
        .adopter()
        .adoptAll(command.pods(), this::adopted)
        .thenAccept(
            adopted -> self.tell(new AdoptionEnded(adopted, command.pods().size() - adopted)));
    return this;
  }

  private void adopted(ProcessAdopter.Adoption adoption) {
    if (adoption instanceof ProcessAdopter.Found found) {
      LocalProcess process = found.process();
      self.tell(new Up(process, process.describe().build()));
      tools.ends().of(found).thenAccept(how -> self.tell(new Ended(process, how)));
    } else if (adoption instanceof ProcessAdopter.Died died) {
      LocalProcess process = died.process();
      self.tell(new Died(process, process.describe().build(), died.how()));
    } else if (adoption instanceof ProcessAdopter.Unknown unknown) {
      self.tell(new NeverStarted(unknown.start()));
    }
  }

  /** Its whole life is told: nobody else knows that it has begun, or how far it came. */
  private Behavior<Command> onDied(Died message) {
    LocalProcess process = message.process();
    coming.remove(process.podUid());
    listener.adopting(process.pod(), process.group());
    listener.said(FromNode.newBuilder().setProcessStarted(message.said()).build());
    exited(message.how());
    return this;
  }

  private Behavior<Command> onNeverStarted(NeverStarted message) {
    coming.remove(message.start().getPodUid());
    exited(LastWords.unseen(message.start(), Clocks.monotonicNanos()));
    return this;
  }

  private void exited(ProcessExited how) {
    listener.said(FromNode.newBuilder().setProcessExited(how).build());
  }

  private Behavior<Command> onForget(Forget command) {
    String uid = command.pod().getPodUid();
    if (!running.containsKey(uid) && !coming.containsKey(uid)) {
      getContext()
          .spawnAnonymous(Vacating.of(tools.groups(), command.pod().getPodName(), kernel), NATIVE);
    }
    return this;
  }

  private Behavior<Command> onAdoptionEnded(AdoptionEnded message) {
    listener.said(Reports.adopted(message.adopted(), message.gone()));
    return this;
  }

  private Behavior<Command> onEnded(Ended message) {
    LocalProcess process = message.process();
    timers.cancel(process.podUid());
    if (running.remove(process.podUid(), process)) {
      looks.tell(new ListenerLooks.Ended(process));
      kernel.tell(new KernelWatch.Unwatch(process.group()));
      exited(message.how());
    }
    return this;
  }

  private Behavior<Command> onEnd(End command) {
    String uid = command.process().getPodUid();
    var grace = Duration.ofNanos(command.process().getGraceNanos());
    LocalProcess process = running.get(uid);
    OnItsWay comes = coming.get(uid);
    if (process != null) {
      end(process, grace);
    } else if (comes != null) {
      comes.end(grace);
    }
    return this;
  }

  private void end(LocalProcess process, Duration grace) {
    if (grace.isZero()) {
      onKillDue(new KillDue(process));
    } else {
      blocking.execute(() -> process.signal(LibC.SIGTERM));
      timers.startSingleTimer(process.podUid(), new KillDue(process), grace);
    }
  }

  /** Again until it is gone: a process may fork while it is being killed. */
  private Behavior<Command> onKillDue(KillDue message) {
    blocking.execute(() -> message.process().signal(LibC.SIGKILL));
    timers.startSingleTimer(message.process().podUid(), message, KILL_RETRY);
    return this;
  }

  private Behavior<Command> onStop(Stop command) {
    if (command.clean()) {
      tools.groups().clean();
    }
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }
}
