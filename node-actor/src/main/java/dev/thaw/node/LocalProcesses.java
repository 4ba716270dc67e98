package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.os.Listeners;
import dev.thaw.bpf.os.Pidfd;
import dev.thaw.bpf.os.ProcStat;
import dev.thaw.bpf.os.Spawner;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.AdoptionDone;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessFailed;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Owns this node's local processes: starts them in control groups of their own, adopts what a
 * killed predecessor left, ends them. What blocks runs on the native dispatcher and comes back as a
 * message.
 */
final class LocalProcesses extends AbstractBehavior<LocalProcesses.Command> {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;
  private static final int TAIL_LINES = 20;
  private static final int TAIL_BYTES = 16 * 1024;
  private static final int SHELL_NOT_FOUND = 127;
  private static final Duration MARK_PATIENCE = Duration.ofSeconds(10);
  private static final Duration KILL_RETRY = Duration.ofMillis(200);
  private static final Duration LOOK = Duration.ofMillis(100);

  sealed interface Command {}

  record Start(StartProcess process, TrackPod pod) implements Command {}

  record Adopt(List<TrackPod> pods) implements Command {}

  record End(EndProcess process) implements Command {}

  /**
   * Lets go of what still runs; with {@code clean} groups and register go where nothing runs any
   * more.
   */
  record Stop(boolean clean, ActorRef<Done> replyTo) implements Command {}

  /** Looks at /proc for listeners; {@code open} by pod: what has been told of them so far. */
  record LookAgain(Map<String, Set<InetSocketAddress>> open) implements Command {}

  private record Spawned(Running running) implements Command {}

  private record NotStarted(String podUid, String why) implements Command {}

  private record Adopted(TrackPod pod, Running running) implements Command {}

  private record AdoptionEnded(int adopted, int gone) implements Command {}

  private record Ended(Running running, ProcessExited how) implements Command {}

  private record KillDue(Running running) implements Command {}

  private enum LookDue implements Command {
    INSTANCE
  }

  private record Looked(Running running, Set<InetSocketAddress> listeners) implements Command {}

  /** One process that runs, or ran until a moment ago. */
  private record Running(
      TrackPod pod,
      ProcessRegister.Entry entry,
      StartRef start,
      Optional<Cgroup> cgroup,
      boolean adopted) {

    List<Integer> pids() {
      List<Integer> all = cgroup.map(Cgroup::pids).orElse(List.of());
      return all.isEmpty() ? List.of(entry.pid()) : all;
    }
  }

  /** What the node is told: a message for the coordinator, and what it means for kernel events. */
  interface Listener {
    /** A process of this pod is about to be started in this group. Called before it exists. */
    void expecting(TrackPod pod, long unifiedId, long v1Id);

    /** A predecessor's process in this group is about to be told of as started. */
    void adopting(TrackPod pod, long unifiedId, long v1Id);

    void said(FromNode message);
  }

  private final Optional<CgroupLayout> layout;
  private final String cgroupParent;
  private final ProcessRegister register;
  private final ActorRef<KernelWatch.Command> kernel;
  private final Listener listener;
  private final Executor blocking;
  private final TimerScheduler<Command> timers;
  private final ActorRef<Command> self = getContext().getSelf();
  private final String bootId = Clocks.bootId();
  private final Map<String, Running> running = new HashMap<>();
  private final Map<StartRef, Set<InetSocketAddress>> listeners = new HashMap<>();

  private LocalProcesses(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      NodeSettings settings,
      Optional<CgroupLayout> layout,
      ActorRef<KernelWatch.Command> kernel,
      Listener listener) {
    super(context);
    this.timers = timers;
    this.layout = layout;
    this.cgroupParent = settings.cgroupParent();
    this.register = new ProcessRegister(settings.stateFolder());
    this.kernel = kernel;
    this.listener = listener;
    this.blocking =
        context
            .getSystem()
            .dispatchers()
            .lookup(DispatcherSelector.fromConfig("thaw.node.native-dispatcher"));
  }

  /**
   * @param layout empty where we may not make control groups
   * @param signals whether the kernel tells of listeners; else /proc is looked at
   * @param listener called on this actor's thread; must only hand on
   */
  static Behavior<Command> create(
      NodeSettings settings,
      Optional<CgroupLayout> layout,
      boolean signals,
      ActorRef<KernelWatch.Command> kernel,
      Listener listener) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  if (!signals) {
                    timers.startTimerWithFixedDelay(LookDue.INSTANCE, LOOK);
                  }
                  return new LocalProcesses(context, timers, settings, layout, kernel, listener);
                }));
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
        .onMessage(Looked.class, this::onLooked)
        .onMessage(Stop.class, this::onStop)
        .build();
  }

  private Behavior<Command> onStart(Start command) {
    StartProcess wanted = command.process();
    String uid = wanted.getPodUid();
    if (running.containsKey(uid)) {
      return onNotStarted(
          new NotStarted(
              uid, "its earlier process, pid " + running.get(uid).entry().pid() + ", still runs"));
    }
    var scheduler = getContext().getSystem().scheduler();
    var started =
        CompletableFuture.supplyAsync(() -> prepare(command), blocking)
            .thenCompose(
                group ->
                    AskPattern.<KernelWatch.Command, Done>ask(
                            kernel,
                            replyTo ->
                                new KernelWatch.Watch(
                                    group.map(Cgroup::unifiedId).orElse(0L),
                                    group.map(Cgroup::v1Id).orElse(0L),
                                    Optional.of(Path.of(wanted.getCommand(0)))
                                        .filter(Path::isAbsolute),
                                    replyTo),
                            MARK_PATIENCE,
                            scheduler)
                        .thenApplyAsync(marked -> spawn(command, group), blocking)
                        .toCompletableFuture());
    getContext()
        .pipeToSelf(
            started,
            (made, thrown) ->
                thrown == null ? new Spawned(made) : new NotStarted(uid, sentence(thrown)));
    return this;
  }

  private Optional<Cgroup> prepare(Start command) {
    Optional<Cgroup> group =
        layout.map(known -> Cgroup.of(known, groupName(command.pod().getPodName())).create());
    int limit = command.process().getCpuLimitMillicores();
    if (limit > 0) {
      group.ifPresent(made -> made.limitCpu(limit));
    }
    listener.expecting(
        command.pod(), group.map(Cgroup::unifiedId).orElse(0L), group.map(Cgroup::v1Id).orElse(0L));
    return group;
  }

  private String groupName(String podName) {
    return cgroupParent + "/" + podName;
  }

  private Running spawn(Start command, Optional<Cgroup> group) {
    StartProcess wanted = command.process();
    long before = Clocks.monotonicNanos();
    try {
      Process process =
          Spawner.start(
              new Spawner.Command(
                  wanted.getCommandList(),
                  wanted.getEnvironmentMap(),
                  Path.of(wanted.getWorkingDirectory()),
                  Path.of(wanted.getLogFile()),
                  group));
      int pid = (int) process.pid();
      long ticks = ProcStat.startTicks(pid).orElse(0);
      var entry =
          new ProcessRegister.Entry(
              wanted.getPodUid(), bootId, pid, ticks, before, wanted.getLogFile());
      register.put(entry);
      var made = new Running(command.pod(), entry, ref(entry), group, false);
      process.onExit().thenAcceptAsync(ended -> ended(self, made, ended.exitValue()), blocking);
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StartRef ref(ProcessRegister.Entry entry) {
    return StartRef.newBuilder().setPodUid(entry.podUid()).setStartId(entry.startId()).build();
  }

  private static String sentence(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /**
   * The JVM gives an end by signal as 128 and the signal; a shell does the same with its own
   * child's.
   */
  private static void ended(ActorRef<Command> self, Running process, int status) {
    var how = exit(process);
    if (status > 128 && status <= 128 + 64) {
      how.setSignal(status - 128);
    } else {
      how.setExitCode(status);
    }
    self.tell(new Ended(process, how.build()));
  }

  private static ProcessExited.Builder exit(Running process) {
    return ProcessExited.newBuilder()
        .setStart(process.start())
        .setAtNanos(Clocks.monotonicNanos())
        .addAllLastLines(tail(Path.of(process.entry().logFile())));
  }

  private static List<String> tail(Path log) {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - TAIL_BYTES));
      var bytes = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(bytes);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    } catch (IOException e) {
      return List.of(); // no output, or it was taken away
    }
  }

  private Behavior<Command> onSpawned(Spawned message) {
    up(message.running());
    return this;
  }

  private void up(Running process) {
    running.put(process.entry().podUid(), process);
    listener.said(
        FromNode.newBuilder()
            .setProcessStarted(
                ProcessStarted.newBuilder()
                    .setStart(process.start())
                    .setPid(process.entry().pid())
                    .setExecNanos(process.entry().execNanos())
                    .setAdopted(process.adopted()))
            .build());
  }

  private Behavior<Command> onNotStarted(NotStarted message) {
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

  /** It died while nobody looked, or was never started. */
  private static FromNode endedUnseen(TrackPod pod, Optional<ProcessRegister.Entry> entry) {
    return FromNode.newBuilder()
        .setProcessExited(
            ProcessExited.newBuilder()
                .setStart(
                    StartRef.newBuilder()
                        .setPodUid(pod.getPodUid())
                        .setStartId(entry.map(ProcessRegister.Entry::startId).orElse("")))
                .setAtNanos(Clocks.monotonicNanos())
                .setUnknown(true))
        .build();
  }

  private boolean adopt(TrackPod pod) {
    Optional<ProcessRegister.Entry> entry =
        register.get(pod.getPodUid()).filter(known -> known.bootId().equals(bootId));
    Optional<Pidfd> process = entry.flatMap(known -> Pidfd.open(known.pid(), known.startTicks()));
    if (process.isEmpty()) {
      register.remove(pod.getPodUid());
      listener.said(endedUnseen(pod, entry));
      return false;
    }
    Optional<Cgroup> group = layout.map(known -> Cgroup.of(known, groupName(pod.getPodName())));
    var found = new Running(pod, entry.get(), ref(entry.get()), group, true);
    self.tell(new Adopted(pod, found));
    var waiter =
        new Thread(
            () -> {
              try (var descriptor = process.get()) {
                while (!descriptor.awaitExit(Duration.ofSeconds(60))) {
                  continue;
                }
              }
              self.tell(new Ended(found, exit(found).setUnknown(true).build()));
            },
            "thaw-adopted-" + pod.getPodName());
    waiter.setDaemon(true);
    waiter.start();
    return true;
  }

  private Behavior<Command> onAdopted(Adopted message) {
    Running process = message.running();
    long unified = process.cgroup().map(Cgroup::unifiedId).orElse(0L);
    long v1 = process.cgroup().map(Cgroup::v1Id).orElse(0L);
    listener.adopting(message.pod(), unified, v1);
    blocking.execute(
        () -> image(process).ifPresent(path -> kernel.tell(new KernelWatch.Mark(path))));
    kernel.tell(
        new KernelWatch.Watch(unified, v1, Optional.empty(), getContext().getSystem().ignoreRef()));
    up(process);
    return this;
  }

  /** What an adopted process runs: marked for its next start, as if its exec had been seen. */
  private static Optional<Path> image(Running process) {
    try {
      return Optional.of(
          Files.readSymbolicLink(Path.of("/proc/" + process.entry().pid() + "/exe")));
    } catch (IOException e) {
      return Optional.empty(); // it is gone, which its pidfd tells
    }
  }

  private Behavior<Command> onLookDue() {
    running.values().forEach(process -> blocking.execute(() -> look(process)));
    return this;
  }

  private Behavior<Command> onLookAgain(LookAgain command) {
    for (Running process : running.values()) {
      listeners.put(
          process.start(), command.open().getOrDefault(process.entry().podUid(), Set.of()));
    }
    return onLookDue();
  }

  private void look(Running process) {
    var found = new HashSet<InetSocketAddress>();
    process
        .pids()
        .forEach(pid -> Listeners.of(pid).forEach(listening -> found.add(listening.address())));
    self.tell(new Looked(process, found));
  }

  /** Tells of listeners that have come or gone since the last look. */
  private Behavior<Command> onLooked(Looked message) {
    if (running.containsValue(message.running())) {
      StartRef start = message.running().start();
      Set<InetSocketAddress> now = message.listeners();
      Set<InetSocketAddress> before =
          Optional.ofNullable(listeners.put(start, now)).orElse(Set.of());
      now.stream()
          .filter(address -> !before.contains(address))
          .forEach(address -> found(message.running(), address, Signal.Kind.LISTEN));
      before.stream()
          .filter(address -> !now.contains(address))
          .forEach(address -> found(message.running(), address, Signal.Kind.LISTEN_CLOSED));
    }
    return this;
  }

  private void found(Running process, InetSocketAddress address, Signal.Kind kind) {
    listener.said(
        FromNode.newBuilder()
            .setSignal(
                Signal.newBuilder()
                    .setStart(process.start())
                    .setKind(kind)
                    .setAtNanos(Clocks.monotonicNanos())
                    .setAddress(
                        Address.newBuilder()
                            .setHost(address.getAddress().getHostAddress())
                            .setPort(address.getPort()))
                    .setTarget(ProcessIndex.isTarget(process.pod().getAddress(), address))
                    .setObservedByProc(true))
            .build());
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
    Running process = message.running();
    String uid = process.entry().podUid();
    timers.cancel(uid);
    if (running.remove(uid, process)) {
      register.remove(uid);
      listeners.remove(process.start());
      listener.said(FromNode.newBuilder().setProcessExited(explained(message.how())).build());
      process.cgroup().ifPresent(group -> blocking.execute(() -> sweep(group)));
    }
    return this;
  }

  /** The shell that became the command says 127 when there is none such. */
  private static ProcessExited explained(ProcessExited how) {
    return how.getHowCase() == ProcessExited.HowCase.EXIT_CODE
            && how.getExitCode() == SHELL_NOT_FOUND
            && how.getLastLinesCount() == 0
        ? how.toBuilder().addLastLines("the command was not found").build()
        : how;
  }

  /** What a dead process has left running in its group ends too. */
  private static void sweep(Cgroup group) {
    group.pids().forEach(pid -> LibC.kill(pid, SIGKILL));
  }

  private Behavior<Command> onEnd(End command) {
    Running process = running.get(command.process().getPodUid());
    if (process == null) {
      return this;
    }
    long grace = command.process().getGraceNanos();
    if (grace > 0) {
      blocking.execute(() -> signal(process, SIGTERM));
      timers.startSingleTimer(
          process.entry().podUid(), new KillDue(process), Duration.ofNanos(grace));
    } else {
      return onKillDue(new KillDue(process));
    }
    return this;
  }

  /** Again until it is gone: a process may fork while it is being killed. */
  private Behavior<Command> onKillDue(KillDue message) {
    blocking.execute(() -> signal(message.running(), SIGKILL));
    timers.startSingleTimer(message.running().entry().podUid(), message, KILL_RETRY);
    return this;
  }

  /** To the whole group; without one, to the process by descriptor. */
  private static void signal(Running process, int signal) {
    List<Integer> pids = process.cgroup().map(Cgroup::pids).orElse(List.of());
    pids.forEach(pid -> LibC.kill(pid, signal));
    if (pids.isEmpty()) {
      Pidfd.open(process.entry().pid(), process.entry().startTicks())
          .ifPresent(
              descriptor -> {
                descriptor.signal(signal);
                descriptor.close();
              });
    }
  }

  private Behavior<Command> onStop(Stop command) {
    if (command.clean()) {
      clean();
    }
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }

  /** Groups of dead processes; those still in use stay, with a word in the log. */
  private void clean() {
    layout.ifPresent(
        known -> {
          Cgroup.of(known, cgroupParent)
              .deleteAll()
              .forEach(
                  busy -> getContext().getLog().warn("control group still in use path={}", busy));
          int above = cgroupParent.lastIndexOf('/');
          if (above > 0 && !Cgroup.of(known, cgroupParent.substring(0, above)).delete()) {
            getContext().getLog().debug("other runs have control groups beside ours");
          }
        });
  }
}
