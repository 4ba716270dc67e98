package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes without control groups, on a clock that the test owns. */
class LocalProcessesTest {
  private static final TrackPod POD =
      TrackPod.newBuilder()
          .setPodUid("hello-0.x")
          .setPodName("hello-0")
          .setAddress(Address.newBuilder().setHost("127.0.0.1").setPort(1))
          .build();

  private static final TrackPod OTHER =
      POD.toBuilder().setPodUid("hello-1.x").setPodName("hello-1").build();

  @TempDir Path folder;
  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<FromNode> heard = kit.createTestProbe(FromNode.class);
  private final TestProbe<KernelWatch.Command> kernel =
      kit.createTestProbe(KernelWatch.Command.class);
  private final TestProbe<ListenerLooks.Command> looks =
      kit.createTestProbe(ListenerLooks.Command.class);

  @AfterEach
  void shutDown() {
    kit.shutdownTestKit();
  }

  @Test
  void theKernelWatchesBeforeTheProcessExists() {
    Path proof = folder.resolve("proof");
    var processes = spawn(kernel.ref());

    start(processes, "/bin/sh", "-c", "echo ran > " + proof);

    var watch = kernel.expectMessageClass(KernelWatch.Watch.class);
    assertThat(watch.image()).contains(Path.of("/bin/sh"));
    assertThat(proof).doesNotExist();
    watch.replyTo().tell(Done.getInstance());
    next(FromNode::hasProcessStarted);
    next(FromNode::hasProcessExited);
    assertThat(proof).exists();
    kernel.expectMessageClass(KernelWatch.Unwatch.class);
  }

  @Test
  void whoListensOnItsAddressAlreadyIsNamed() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var processes = spawn(agreeing());
      var pod = POD.toBuilder();
      pod.getAddressBuilder().setHost("127.0.0.1").setPort(socket.getLocalPort());

      processes.tell(new LocalProcesses.Start(wanted("true").build(), pod.build()));

      assertThat(next(FromNode::hasProcessStarted).getProcessStarted().getTakenBy())
          .startsWith("process " + ProcessHandle.current().pid() + " (")
          .contains("java");
    }
  }

  @Test
  void theEndIsToldWithItsStatusAndTheLastLines() {
    var processes = spawn(agreeing());

    start(processes, "/bin/sh", "-c", "echo no database; exit 3");

    ProcessStarted started = next(FromNode::hasProcessStarted).getProcessStarted();
    ProcessExited exited = next(FromNode::hasProcessExited).getProcessExited();
    assertThat(exited.getStart()).isEqualTo(started.getStart());
    assertThat(exited.getExitCode()).isEqualTo(3);
    assertThat(exited.getLastLinesList()).containsExactly("no database");
  }

  @Test
  void whileItRunsItsListenersAreLookedFor() {
    var processes = spawn(agreeing());

    start(processes, "true");

    LocalProcess process = looks.expectMessageClass(ListenerLooks.Began.class).process();
    assertThat(process.podUid()).isEqualTo(POD.getPodUid());
    assertThat(looks.expectMessageClass(ListenerLooks.Ended.class).process()).isEqualTo(process);
  }

  @Test
  void aCommandThatDoesNotExistEndsWithASentence() {
    var processes = spawn(agreeing());

    start(processes, "/no/such/command");

    ProcessExited exited = next(FromNode::hasProcessExited).getProcessExited();
    assertThat(exited.getExitCode()).isEqualTo(127);
    assertThat(exited.getLastLinesList()).last().asString().contains("not found");
  }

  @Test
  void aFolderThatDoesNotExistIsAFailureToStart() {
    var processes = spawn(agreeing());

    processes.tell(
        new LocalProcesses.Start(
            wanted("true").setWorkingDirectory(folder.resolve("none").toString()).build(), POD));

    assertThat(next(FromNode::hasProcessFailed).getProcessFailed().getDetail())
        .contains("No such file or directory");
  }

  @Test
  void aPodWhoseProcessStillRunsIsNotStartedAgain() {
    var processes = spawn(agreeing());
    start(processes, "sleep", "1000");
    int pid = next(FromNode::hasProcessStarted).getProcessStarted().getPid();

    start(processes, "sleep", "1000");

    assertThat(next(FromNode::hasProcessFailed).getProcessFailed().getDetail())
        .isEqualTo("its earlier process, pid " + pid + ", still runs");
    end(processes, Duration.ZERO);
    assertThat(next(FromNode::hasProcessExited).getProcessExited().getSignal()).isEqualTo(9);
  }

  @Test
  void aProcessThatIsAskedToEndDiesOfTheFirstSignal() {
    var processes = spawn(agreeing());
    start(processes, "sleep", "1000");
    next(FromNode::hasProcessStarted);

    end(processes, Duration.ofSeconds(30));

    assertThat(next(FromNode::hasProcessExited).getProcessExited().getSignal()).isEqualTo(15);
  }

  @Test
  void whoIgnoresTheFirstSignalIsKilledAfterItsGrace() throws Exception {
    Path ready = fifo();
    var processes = spawn(agreeing());
    start(processes, "/bin/sh", "-c", "trap '' TERM; echo up > " + ready + "; exec sleep 1000");
    next(FromNode::hasProcessStarted);
    assertThat(Files.readString(ready)).isEqualTo("up\n");

    end(processes, Duration.ofSeconds(30));
    time.timePasses(Duration.ofMillis(29_999));
    answered(processes);
    heard.expectNoMessage(Duration.ZERO);
    time.timePasses(Duration.ofMillis(1));

    assertThat(next(FromNode::hasProcessExited).getProcessExited().getSignal()).isEqualTo(9);
  }

  @Test
  void whoseEndIsAskedForBeforeItExistsIsNotStarted() {
    Path proof = folder.resolve("proof");
    var processes = spawn(kernel.ref());
    start(processes, "/bin/sh", "-c", "echo ran > " + proof);
    var watch = kernel.expectMessageClass(KernelWatch.Watch.class);

    end(processes, Duration.ofSeconds(30));
    processes.tell(
        new LocalProcesses.Start(wanted("/bin/true").setPodUid(OTHER.getPodUid()).build(), OTHER));
    kernel.expectMessageClass(KernelWatch.Watch.class); // so the order before it has been read
    watch.replyTo().tell(Done.getInstance());

    assertThat(next(FromNode::hasProcessFailed).getProcessFailed().getDetail())
        .isEqualTo("its end was asked for before it was started");
    assertThat(proof).doesNotExist();
  }

  /** The actor is held up, so that it reads the order between the start and the news of it. */
  @Test
  void whoseEndIsAskedForWhileItIsBeingStartedIsEndedAtOnce() throws Exception {
    var heldUp = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var processes =
        spawn(
            kernel.ref(),
            Optional.empty(),
            message -> {
              if (message.hasProcessFailed()) {
                heldUp.countDown();
                Latches.await(goOn);
              }
            });
    Path up = fifo();
    start(processes, "/bin/sh", "-c", "echo up > " + up + "; exec sleep 1000");
    var watch = kernel.expectMessageClass(KernelWatch.Watch.class);
    processes.tell(
        new LocalProcesses.Start(
            wanted("true")
                .setPodUid(OTHER.getPodUid())
                .setWorkingDirectory(folder.resolve("none").toString())
                .build(),
            OTHER));
    kernel.expectMessageClass(KernelWatch.Watch.class).replyTo().tell(Done.getInstance());
    Latches.await(heldUp);

    end(processes, Duration.ofSeconds(30));
    watch.replyTo().tell(Done.getInstance());
    assertThat(Files.readString(up)).isEqualTo("up\n");
    goOn.countDown();

    next(FromNode::hasProcessStarted);
    assertThat(next(FromNode::hasProcessExited).getProcessExited().getSignal()).isEqualTo(15);
  }

  @Test
  void whoIsLookedForByAnAdoptionCanBeEndedAlready() {
    var first = spawn(agreeing());
    start(first, "sleep", "1000");
    ProcessStarted before = next(FromNode::hasProcessStarted).getProcessStarted();
    stop(first);

    var second = spawn(agreeing());
    second.tell(new LocalProcesses.Adopt(List.of(POD)));
    end(second, Duration.ZERO);

    assertThat(next(FromNode::hasProcessExited).getProcessExited().getStart())
        .isEqualTo(before.getStart());
  }

  @Test
  void aSuccessorAdoptsWhatStillRunsAndIsToldOfItsEnd() {
    var first = spawn(agreeing());
    start(first, "sleep", "1000");
    ProcessStarted before = next(FromNode::hasProcessStarted).getProcessStarted();
    stop(first);

    var second = spawn(agreeing());
    second.tell(new LocalProcesses.Adopt(List.of(POD)));

    ProcessStarted adopted = next(FromNode::hasProcessStarted).getProcessStarted();
    assertThat(adopted).isEqualTo(before.toBuilder().setAdopted(true).build());
    assertThat(next(FromNode::hasAdoptionDone).getAdoptionDone().getAdopted()).isEqualTo(1);
    end(second, Duration.ZERO);
    ProcessExited exited = next(FromNode::hasProcessExited).getProcessExited();
    assertThat(exited.getStart()).isEqualTo(before.getStart());
    assertThat(exited.getUnknown()).isTrue();
  }

  @Test
  void whoDiedWhileNobodyLookedIsToldToHaveStartedAndThenToHaveEnded() throws Exception {
    Files.writeString(folder.resolve("log"), "no database\n");
    var entry =
        new ProcessRegister.Entry(
            POD.getPodUid(),
            Clocks.bootId(),
            Integer.MAX_VALUE, // nobody's
            7,
            8,
            folder.resolve("log").toString(),
            0);
    new ProcessRegister(folder).put(entry);
    var processes = spawn(kernel.ref());

    processes.tell(new LocalProcesses.Adopt(List.of(POD)));
    kernel.expectMessageClass(KernelWatch.CatchUp.class).replyTo().tell(Done.getInstance());
    var recall = kernel.expectMessageClass(KernelWatch.RecallEnded.class);
    heard.expectNoMessage(Duration.ZERO);
    recall.replyTo().tell(Done.getInstance());

    ProcessStarted started = heard.receiveMessage(Duration.ofSeconds(10)).getProcessStarted();
    assertThat(started.getStart().getStartId()).isEqualTo(entry.startId());
    assertThat(started.getExecNanos()).isEqualTo(8);
    assertThat(started.getAdopted()).isTrue();
    ProcessExited exited = heard.receiveMessage(Duration.ofSeconds(10)).getProcessExited();
    assertThat(exited.getStart()).isEqualTo(started.getStart());
    assertThat(exited.getUnknown()).isTrue();
    assertThat(exited.getLastLinesList()).containsExactly("no database");
    assertThat(next(FromNode::hasAdoptionDone).getAdoptionDone().getGone()).isEqualTo(1);
  }

  @Test
  void aPodThatWasNeverStartedIsToldToHaveEnded() {
    var processes = spawn(agreeing());

    processes.tell(new LocalProcesses.Adopt(List.of(POD)));

    assertThat(next(FromNode::hasProcessExited).getProcessExited().getUnknown()).isTrue();
    assertThat(next(FromNode::hasAdoptionDone).getAdoptionDone().getGone()).isEqualTo(1);
  }

  @Test
  void anOrderThatComesTwiceStartsOneProcess() {
    var processes = spawn(kernel.ref());
    start(processes, "/bin/sh", "-c", "exec sleep 1000");
    var first = kernel.expectMessageClass(KernelWatch.Watch.class);

    start(processes, "/bin/sh", "-c", "exec sleep 1000");
    processes.tell(
        new LocalProcesses.Start(wanted("/bin/true").setPodUid(OTHER.getPodUid()).build(), OTHER));

    var next = kernel.expectMessageClass(KernelWatch.Watch.class);
    assertThat(next.image()).contains(Path.of("/bin/true"));
    first.replyTo().tell(Done.getInstance());
    next.replyTo().tell(Done.getInstance());
    next(message -> message.getProcessStarted().getStart().getPodUid().equals(POD.getPodUid()));
    end(processes, Duration.ZERO);
    next(message -> message.getProcessExited().getStart().getPodUid().equals(POD.getPodUid()));
  }

  @Test
  void aPodThatCouldNotBeStartedMayBeStartedAgain() {
    var processes = spawn(agreeing());
    processes.tell(
        new LocalProcesses.Start(
            wanted("true").setWorkingDirectory(folder.resolve("none").toString()).build(), POD));
    next(FromNode::hasProcessFailed);

    start(processes, "true");

    assertThat(next(FromNode::hasProcessExited).getProcessExited().getExitCode()).isZero();
  }

  /** Or the sweep might find the next process of the pod. */
  @Test
  void whomAProcessLeavesIsGoneWhenItsEndIsTold() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    Path left = folder.resolve("left");
    var runsAtTheEnd = new CompletableFuture<Boolean>();
    var processes =
        spawn(
            agreeing(),
            Optional.of(pods.layout()),
            message -> {
              if (message.hasProcessExited()) {
                runsAtTheEnd.complete(PodFolder.runs(pid(left)));
              }
            });

    start(
        processes,
        "/bin/sh",
        "-c",
        "sleep 1000 & echo $! > %s; echo $! > %s".formatted(left, pods.members("hello-0")));

    assertThat(runsAtTheEnd.get(10, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void aPodThatIsForgottenIsWatchedNoMoreAndItsGroupGoes() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    pods.put("hello-0");
    var processes = spawn(kernel.ref(), Optional.of(pods.layout()), message -> {});
    var group = ProcessIndex.Group.of(pods.groups().of("hello-0"));

    processes.tell(new LocalProcesses.Forget(POD));

    assertThat(kernel.expectMessageClass(KernelWatch.Unwatch.class).group()).isEqualTo(group);
    Files.delete(pods.members("hello-0")); // the kernel's own file does not keep its folder
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (Files.exists(pods.of("hello-0")) && System.nanoTime() < deadline) {
      time.timePasses(Duration.ofMillis(200));
    }
    assertThat(pods.of("hello-0")).doesNotExist();
  }

  @Test
  void theGroupOfAPodThatRunsIsNotGivenUp() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    var processes = spawn(kernel.ref(), Optional.of(pods.layout()), message -> {});
    start(processes, "sleep", "1000");
    kernel.expectMessageClass(KernelWatch.Watch.class).replyTo().tell(Done.getInstance());
    next(FromNode::hasProcessStarted);

    processes.tell(new LocalProcesses.Forget(POD));
    end(processes, Duration.ZERO);
    next(FromNode::hasProcessExited);

    assertThat(pods.of("hello-0")).exists();
    kernel.expectMessageClass(KernelWatch.Unwatch.class);
    kernel.expectNoMessage(Duration.ZERO);
  }

  private static long pid(Path file) {
    try {
      return Long.parseLong(Files.readString(file).trim());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ActorRef<LocalProcesses.Command> spawn(ActorRef<KernelWatch.Command> watch) {
    return spawn(watch, Optional.empty(), message -> {});
  }

  /** {@code first} is called before anybody else hears a message. */
  private ActorRef<LocalProcesses.Command> spawn(
      ActorRef<KernelWatch.Command> watch,
      Optional<CgroupLayout> layout,
      Consumer<FromNode> first) {
    var settings = new NodeSettings("test", folder, folder, Optional.empty(), PodFolder.PARENT);
    return kit.spawn(
        LocalProcesses.create(
            settings,
            layout,
            watch,
            looks.ref(),
            new LocalProcesses.Listener() {
              @Override
              public void expecting(TrackPod pod, ProcessIndex.Group group) {}

              @Override
              public void adopting(TrackPod pod, ProcessIndex.Group group) {}

              @Override
              public void said(FromNode message) {
                first.accept(message);
                heard.ref().tell(message);
              }
            }));
  }

  private ActorRef<KernelWatch.Command> agreeing() {
    return kit.spawn(KernelWatch.absent());
  }

  private void start(ActorRef<LocalProcesses.Command> processes, String... command) {
    processes.tell(new LocalProcesses.Start(wanted(command).build(), POD));
  }

  private StartProcess.Builder wanted(String... command) {
    return StartProcess.newBuilder()
        .setPodUid(POD.getPodUid())
        .addAllCommand(List.of(command))
        .setWorkingDirectory(folder.toString())
        .setLogFile(folder.resolve("log").toString());
  }

  private static void end(ActorRef<LocalProcesses.Command> processes, Duration grace) {
    processes.tell(
        new LocalProcesses.End(
            EndProcess.newBuilder()
                .setPodUid(POD.getPodUid())
                .setGraceNanos(grace.toNanos())
                .build()));
  }

  private void stop(ActorRef<LocalProcesses.Command> processes) {
    TestProbe<Done> done = kit.createTestProbe(Done.class);
    processes.tell(new LocalProcesses.Stop(false, done.ref()));
    done.expectMessage(Done.getInstance());
  }

  /** Whatever was sent to it before has been handled when this returns: it has refused a start. */
  private void answered(ActorRef<LocalProcesses.Command> processes) {
    start(processes, "true");
    next(FromNode::hasProcessFailed);
  }

  /** The next message of this kind. */
  private FromNode next(Predicate<FromNode> wanted) {
    FromNode message = heard.receiveMessage(Duration.ofSeconds(10));
    while (!wanted.test(message)) {
      message = heard.receiveMessage(Duration.ofSeconds(10));
    }
    return message;
  }

  private Path fifo() throws IOException, InterruptedException {
    Path path = folder.resolve("ready");
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
    return path;
  }
}
