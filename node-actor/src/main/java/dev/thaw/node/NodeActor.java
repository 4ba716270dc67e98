package dev.thaw.node;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.Pins;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.Degraded;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * One node: hands the coordinator's orders to those who own what they are about, and what these see
 * to the coordinator. Remembers what it said, and says it again when asked.
 */
public final class NodeActor extends AbstractBehavior<NodeActor.Command> {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What a node is told. */
  public sealed interface Command {}

  /** By its coordinator. */
  record Ordered(ToNode message) implements Command {}

  /**
   * Ends it; with {@code clean} pins, control groups and register go too. Answered when all is
   * released.
   */
  public record Stop(boolean clean, ActorRef<Done> replyTo) implements Command {}

  record Happened(KernelEvent event) implements Command {}

  record Missed(String why) implements Command {}

  record Blind(String why) implements Command {}

  record Expecting(TrackPod pod, ProcessIndex.Group group) implements Command {}

  record Adopting(TrackPod pod, ProcessIndex.Group group) implements Command {}

  record Said(FromNode message) implements Command {}

  private record Recalled() implements Command {}

  private record Subscribed(StartsSocket.Arrival who) implements Command {}

  private record Released(Stop stop, @Nullable Throwable thrown) implements Command {}

  private final NodeSettings settings;
  private final NodeLink<FromNode, ToNode> link;
  private final BpfSupport support;
  private final List<String> missing;
  private final ActorRef<KernelWatch.Command> kernel;
  private final ActorRef<KernelTable.Command> table;
  private final ActorRef<LocalProcesses.Command> processes;
  private final ActorRef<Probes.Command> probes;
  private final ActorRef<PressureWatch.Command> pressure;
  private final PodGroups groups;
  private final Recalls recalls = new Recalls();
  private final Starts starts;
  private boolean blind;

  private NodeActor(
      ActorContext<Command> context,
      NodeSettings settings,
      NodeLink<FromNode, ToNode> link,
      BpfSupport support) {
    super(context);
    this.settings = settings;
    this.link = link;
    this.support = support;
    this.missing = new ArrayList<>(support.missing());
    var ears = new NodeEars(context.getSelf());
    this.starts = new Starts(this::send, openSocket());
    Props blocking = DispatcherSelector.fromConfig("thaw.node.native-dispatcher");
    CgroupLayout layout = CgroupLayout.detect();
    Optional<CgroupLayout> mine =
        support.signals() || support.limits() ? Optional.of(layout) : Optional.empty();
    groups = new PodGroups(mine, settings.cgroupParent());
    kernel =
        context.spawn(
            support.signals()
                ? KernelWatch.create(
                    unstopped ->
                        KernelSignals.open(
                            new Pins(settings.pinFolder().resolve("startup")),
                            settings.firstStart(),
                            unstopped),
                    ears)
                : KernelWatch.absent(),
            "kernel-watch",
            blocking);
    table =
        context.spawn(
            support.balancing()
                ? KernelTable.create(
                    () ->
                        Balancer.open(
                            new Pins(settings.pinFolder().resolve("balance")),
                            settings.cover().orElseGet(() -> layout.unified().orElseThrow())),
                    this::send)
                : KernelTable.absent(this::send),
            "kernel-table",
            blocking);
    pressure =
        context.spawn(
            PressureWatch.create(
                () -> PressureSource.open(support.signals(), this::withoutPrograms),
                PressureSettings.from(context.getSystem().settings().config()),
                this::send),
            "pressure-watch",
            blocking);
    probes =
        context.spawn(
            Supervised.resumed(
                Probes.Command.class,
                Probes.create(ears::said),
                why -> ears.degraded("probes", why)),
            "probes");
    processes =
        context.spawn(
            LocalProcesses.create(settings, mine, support.signals(), kernel, ears), "processes");
  }

  /** Without it the node works all the same. */
  private Optional<StartsSocket> openSocket() {
    ActorRef<Command> self = getContext().getSelf();
    try {
      return Optional.of(
          StartsSocket.open(
              settings.startsSocket(),
              StartsSettings.from(getContext().getSystem().settings().config()),
              who -> self.tell(new Subscribed(who))));
    } catch (IOException e) {
      missing.add("no socket of starts at " + settings.startsSocket() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * The whole node, which goes on when an order fails. {@code link} is listened to from the first
   * moment.
   */
  static Behavior<Command> create(
      NodeSettings settings, NodeLink<FromNode, ToNode> link, BpfSupport support) {
    return Supervised.resumed(
        Command.class,
        Behaviors.setup(
            context -> {
              var node = new NodeActor(context, settings, link, support);
              node.hello();
              ActorRef<Command> self = context.getSelf();
              link.listen(message -> self.tell(new Ordered(message)));
              return node;
            }),
        why -> link.send(degradation("node", why)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Ordered.class, this::onOrdered)
        .onMessage(Happened.class, this::onHappened)
        .onMessage(Missed.class, this::onMissed)
        .onMessage(Blind.class, this::onBlind)
        .onMessage(Expecting.class, this::onExpecting)
        .onMessage(Adopting.class, this::onAdopting)
        .onMessage(Recalled.class, this::onRecalled)
        .onMessage(Said.class, this::onSaid)
        .onMessage(Subscribed.class, this::onSubscribed)
        .onMessage(Stop.class, this::onStop)
        .onMessage(Released.class, this::onReleased)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  /** Any thread: the link only hands on. */
  private void send(FromNode message) {
    link.send(message);
  }

  /** Any thread, as {@link #send}. */
  private void withoutPrograms(String why) {
    send(degradation("pressure", why));
  }

  private void hello() {
    send(
        FromNode.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setNode(settings.name())
                    .setBootId(Clocks.bootId())
                    .setWallOffsetNanos(Clocks.wallOffsetNanos())
                    .setSignals(support.signals() && !blind)
                    .setBalancing(support.balancing())
                    .setLimits(support.limits())
                    .addAllMissing(missing))
            .build());
  }

  private Behavior<Command> onOrdered(Ordered order) {
    ToNode message = order.message();
    switch (message.getMessageCase()) {
      case TRACK_POD -> track(message.getTrackPod());
      case UNTRACK_POD -> untrack(message.getUntrackPod().getPodUid());
      case START_PROCESS -> start(message.getStartProcess());
      case END_PROCESS -> processes.tell(new LocalProcesses.End(message.getEndProcess()));
      case ADOPT_PROCESSES -> {
        message.getAdoptProcesses().getPodsList().forEach(this::track);
        processes.tell(new LocalProcesses.Adopt(message.getAdoptProcesses().getPodsList()));
      }
      case SET_PROBING ->
          probes.tell(
              new Probes.SetPhase(
                  message.getSetProbing().getStart(), message.getSetProbing().getPhase()));
      case RUN_WARMUP -> probes.tell(new Probes.Warm(message.getRunWarmup().getStart()));
      case SET_SCRAPING ->
          probes.tell(
              new Probes.SetScraping(
                  message.getSetScraping().getPodUid(), message.getSetScraping().getOn()));
      case SERVE_TABLE -> table.tell(new KernelTable.Serve(message.getServeTable()));
      case DROP_SERVICE -> table.tell(new KernelTable.Drop(message.getDropService()));
      case REPORT -> report();
      case MESSAGE_NOT_SET -> {
        // an order of a later coordinator
      }
    }
    return this;
  }

  private void track(TrackPod pod) {
    starts.track(pod);
    probes.tell(new Probes.Track(pod));
  }

  private void untrack(String uid) {
    starts.tracked(uid).ifPresent(pod -> processes.tell(new LocalProcesses.Forget(pod)));
    starts.untrack(uid);
    pressure.tell(new PressureWatch.Unwatch(uid));
    probes.tell(new Probes.Untrack(uid));
  }

  private void start(StartProcess order) {
    starts
        .tracked(order.getPodUid())
        .ifPresentOrElse(
            pod -> processes.tell(new LocalProcesses.Start(order, pod)),
            () ->
                getContext()
                    .getLog()
                    .error("start of a pod that is not tracked uid={}", order.getPodUid()));
  }

  private void report() {
    hello();
    starts.repeat();
    table.tell(new KernelTable.Repeat());
  }

  private Behavior<Command> onExpecting(Expecting message) {
    starts.expect(message.pod(), message.group());
    return this;
  }

  private Behavior<Command> onHappened(Happened message) {
    if (message.event() instanceof KernelEvent.Exec exec) {
      kernel.tell(new KernelWatch.Became(exec));
    }
    starts.happened(message.event()).forEach(this::follow);
    return this;
  }

  private Behavior<Command> onAdopting(Adopting message) {
    starts.adopt(message.pod(), message.group());
    recall(message.group());
    return this;
  }

  /** From the kernel's rows, then from /proc what may have been before or beside them. */
  private void recall(ProcessIndex.Group group) {
    recalls.begins();
    getContext()
        .ask(
            Done.class,
            kernel,
            PATIENCE,
            (ActorRef<Done> replyTo) -> new KernelWatch.Recall(group, replyTo),
            (done, thrown) -> new Recalled());
  }

  private Behavior<Command> onRecalled(Recalled message) {
    switch (recalls.ended()) {
      case NOTHING -> {}
      case LOOK -> lookAgain();
      case RECALL_ALL -> recallAll();
    }
    return this;
  }

  private void recallAll() {
    starts.groups().forEach(this::recall);
  }

  private void lookAgain() {
    processes.tell(new LocalProcesses.LookAgain(starts.listeners()));
  }

  /** What was not heard stands in the kernel's rows and in /proc. */
  private Behavior<Command> onMissed(Missed message) {
    send(degradation("signals", message.why()));
    if (recalls.missed()) {
      recallAll();
    }
    return this;
  }

  private Behavior<Command> onBlind(Blind message) {
    blind = true;
    send(
        degradation(
            "signals",
            "the kernel refuses the watch on starts, /proc is looked at instead: "
                + message.why()));
    processes.tell(new LocalProcesses.Blind(starts.listeners()));
    return this;
  }

  static FromNode degradation(String what, String why) {
    return FromNode.newBuilder()
        .setDegraded(Degraded.newBuilder().setWhat(what).setWhy(why))
        .build();
  }

  /** What follows here from a signal that was news. */
  private void follow(Signal signal) {
    if (!signal.getTarget()) {
      return;
    } else if (signal.getKind() == Signal.Kind.LISTEN) {
      probes.tell(new Probes.Listening(signal.getStart(), signal.getPid()));
    } else if (signal.getKind() == Signal.Kind.LISTEN_CLOSED) {
      probes.tell(new Probes.Closed(signal.getStart()));
      lookAgain(); // not every socket is known of a start that was read again
    }
  }

  private Behavior<Command> onSubscribed(Subscribed message) {
    starts.subscribe(message.who());
    return this;
  }

  private Behavior<Command> release() {
    starts.close();
    return this;
  }

  private Behavior<Command> onSaid(Said message) {
    FromNode said = message.message();
    switch (said.getMessageCase()) {
      case SIGNAL -> starts.signalled(said.getSignal()).forEach(this::follow);
      case PROCESS_STARTED -> {
        StartRef start = said.getProcessStarted().getStart();
        probes.tell(new Probes.Started(start, said.getProcessStarted().getPid()));
        watchPressure(start);
        starts.started(said.getProcessStarted()).forEach(this::follow);
      }
      case PROCESS_EXITED -> {
        StartRef start = said.getProcessExited().getStart();
        starts.say(said);
        starts.ended(start.getPodUid());
        pressure.tell(new PressureWatch.Unwatch(start.getPodUid()));
        probes.tell(new Probes.Ended(start));
      }
      default -> starts.say(said);
    }
    return this;
  }

  private void watchPressure(StartRef start) {
    starts
        .tracked(start.getPodUid())
        .map(TrackPod::getPodName)
        .ifPresent(
            name ->
                groups
                    .of(name)
                    .ifPresent(
                        group -> pressure.tell(new PressureWatch.Watch(start, name, group))));
  }

  private Behavior<Command> onStop(Stop command) {
    var all =
        CompletableFuture.allOf(
            released(probes, Probes.Stop::new),
            released(pressure, PressureWatch.Stop::new),
            released(table, replyTo -> new KernelTable.Stop(command.clean(), replyTo)),
            released(kernel, replyTo -> new KernelWatch.Stop(command.clean(), replyTo)),
            released(processes, replyTo -> new LocalProcesses.Stop(command.clean(), replyTo)));
    getContext().pipeToSelf(all, (done, thrown) -> new Released(command, thrown));
    return this;
  }

  /** Complete when this child has let go of what it owns. */
  private <T> CompletableFuture<Done> released(
      ActorRef<T> child, Function<ActorRef<Done>, T> stop) {
    return AskPattern.ask(child, stop::apply, PATIENCE, getContext().getSystem().scheduler())
        .toCompletableFuture();
  }

  private Behavior<Command> onReleased(Released message) {
    if (message.thrown() != null) {
      getContext()
          .getLog()
          .warn("not all was released in time why={}", message.thrown().toString());
    }
    if (message.stop().clean()) {
      removePins();
    }
    return Behaviors.stopped(() -> message.stop().replyTo().tell(Done.getInstance()));
  }

  /**
   * Those of starts, of any version; then the folder and its parent, unless another run's are in
   * there.
   */
  private void removePins() {
    Path pins = settings.pinFolder();
    try {
      new Pins(pins.resolve("startup")).removeAll();
    } catch (BpfException e) {
      getContext().getLog().warn("pins stay why={}", e.getMessage());
    }
    Path above = pins.getParent();
    if (pins.toFile().delete() && above != null && !above.toFile().delete()) {
      getContext().getLog().debug("folder stays path={}", above);
    }
  }
}
