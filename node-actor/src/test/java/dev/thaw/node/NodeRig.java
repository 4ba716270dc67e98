package dev.thaw.node;

import dev.thaw.protocol.InProcessLink;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.AdoptProcesses;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A node with one pod on the real kernel, and what a coordinator would hear of it. */
final class NodeRig {
  static final String HOST = "127.101.252.1";
  static final int PORT = 18474;
  private static final String UID = "pod-0.x";

  /** Of its pins and control groups; {@link #NAME_KEY} gives one to a rig in another process. */
  static final String NAME =
      System.getProperty(NodeRig.NAME_KEY, "thaw-test-rig-" + ProcessHandle.current().pid());

  static final String NAME_KEY = "thaw.test.rig";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path folder;
  private final FirstStart firstStart;
  private final Path cgroup;
  private final Consumer<FromNode> hearing;
  private final BlockingQueue<FromNode> heard = new LinkedBlockingQueue<>();
  private final List<FromNode> all = new ArrayList<>();
  private InProcessLink.Pair link;
  private NodeRuntime node;

  NodeRig(Path folder) {
    this(folder, FirstStart.MISS);
  }

  NodeRig(Path folder, FirstStart firstStart) {
    this(folder, firstStart, Path.of(NAME, "pod-0"));
  }

  /** Whose coordinator is told by this; the node waits for it. */
  NodeRig(Path folder, Consumer<FromNode> hearing) {
    this(folder, FirstStart.MISS, Path.of(NAME, "pod-0"), hearing);
  }

  /** With the pod's process in this control group. */
  NodeRig(Path folder, FirstStart firstStart, Path cgroup) {
    this(folder, firstStart, cgroup, message -> {});
  }

  private NodeRig(Path folder, FirstStart firstStart, Path cgroup, Consumer<FromNode> hearing) {
    this.hearing = hearing;
    this.folder = folder;
    this.firstStart = firstStart;
    this.cgroup = cgroup;
    begin();
  }

  private void begin() {
    link = InProcessLink.pair();
    link.coordinatorEnd()
        .listen(
            message -> {
              heard.add(message);
              hearing.accept(message);
            });
    node =
        NodeRuntime.start(
            new NodeSettings(
                "test",
                folder,
                Path.of("/sys/fs/bpf/" + NAME),
                Optional.empty(),
                cgroup.getParent().toString(),
                firstStart,
                folder.resolve(StartsSocket.NAME)),
            link.nodeEnd());
  }

  /** Starts the pod's process; its start. */
  StartRef start(String... command) throws InterruptedException {
    order(ToNode.newBuilder().setTrackPod(pod()));
    order(
        ToNode.newBuilder()
            .setStartProcess(
                StartProcess.newBuilder()
                    .setPodUid(UID)
                    .addAllCommand(List.of(command))
                    .setWorkingDirectory(folder.toString())
                    .setLogFile(folder.resolve("pod-0.log").toString())));
    return await(FromNode::hasProcessStarted).getProcessStarted().getStart();
  }

  /** Ends the pod's process and waits for that. */
  void end() throws InterruptedException {
    order(ToNode.newBuilder().setEndProcess(EndProcess.newBuilder().setPodUid(UID)));
    await(FromNode::hasProcessExited);
  }

  /** Lets the node go as a kill does: hooks, processes and pins stay. */
  void leave() throws Exception {
    node.stop(NodeRuntime.StopMode.KEEP).toCompletableFuture().get(20, TimeUnit.SECONDS);
    heard.clear();
  }

  /** A successor takes over what runs; its start. */
  StartRef adopt() throws InterruptedException {
    begin();
    order(ToNode.newBuilder().setAdoptProcesses(AdoptProcesses.newBuilder().addPods(pod())));
    return await(FromNode::hasProcessStarted).getProcessStarted().getStart();
  }

  /** The next signal of this kind, or a failure that says all. */
  Signal signal(Signal.Kind kind) throws InterruptedException {
    return signal(signal -> signal.getKind() == kind);
  }

  Signal signal(Predicate<Signal> wanted) throws InterruptedException {
    return await(message -> message.hasSignal() && wanted.test(message.getSignal())).getSignal();
  }

  FromNode await(Predicate<FromNode> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      FromNode message = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (message == null) {
        throw new AssertionError("not heard; there was " + all);
      }
      all.add(message);
      if (wanted.test(message)) {
        return message;
      }
    }
  }

  /** A message of this kind, whenever it came or comes. */
  FromNode heard(Predicate<FromNode> wanted) throws InterruptedException {
    for (FromNode message : all) {
      if (wanted.test(message)) {
        return message;
      }
    }
    return await(wanted);
  }

  /** Every signal heard so far. */
  List<Signal> signals() {
    heard.drainTo(all);
    return all.stream().filter(FromNode::hasSignal).map(FromNode::getSignal).toList();
  }

  List<FromNode> all() {
    heard.drainTo(all);
    return all;
  }

  private void order(ToNode.Builder message) {
    link.coordinatorEnd().send(message.build());
  }

  private TrackPod pod() {
    return TrackPod.newBuilder()
        .setPodUid(UID)
        .setPodName(cgroup.getFileName().toString())
        .setWorkload("pod")
        .setAddress(Address.newBuilder().setHost(HOST).setPort(PORT))
        .setProbe(
            ProbePlan.newBuilder()
                .setKind(ProbePlan.Kind.TCP_CONNECT)
                .setTimeoutNanos(Duration.ofSeconds(1).toNanos())
                .setConfirmingIntervalNanos(Duration.ofMillis(200).toNanos())
                .setClimbingIntervalNanos(Duration.ofSeconds(1).toNanos())
                .setReadyIntervalNanos(Duration.ofSeconds(10).toNanos())
                .setSuccessThreshold(3)
                .setFailureThreshold(3))
        .build();
  }

  /** Ends the pod's process and the node. */
  void close() throws Exception {
    order(ToNode.newBuilder().setEndProcess(EndProcess.newBuilder().setPodUid(UID)));
    Thread.sleep(300);
    node.stop(NodeRuntime.StopMode.CLEAN).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
