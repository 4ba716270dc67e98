package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.ProcStat;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

  @TempDir Path folder;
  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<FromNode> heard = kit.createTestProbe(FromNode.class);
  private final TestProbe<KernelWatch.Command> kernel =
      kit.createTestProbe(KernelWatch.Command.class);

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
  void whatDiedWhileNobodyLookedIsTold() {
    var processes = spawn(agreeing());

    processes.tell(new LocalProcesses.Adopt(List.of(POD)));

    assertThat(next(FromNode::hasProcessExited).getProcessExited().getUnknown()).isTrue();
    assertThat(next(FromNode::hasAdoptionDone).getAdoptionDone().getGone()).isEqualTo(1);
  }

  @Test
  void withoutTheKernelsWordListenersAreFoundByLooking() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var self =
          new ProcessRegister.Entry(
              POD.getPodUid(),
              Clocks.bootId(),
              (int) ProcessHandle.current().pid(),
              ProcStat.startTicks((int) ProcessHandle.current().pid()).orElseThrow(),
              1,
              folder.resolve("log").toString());
      new ProcessRegister(folder).put(self); // this very JVM stands in for the process
      var processes = spawn(agreeing());
      processes.tell(new LocalProcesses.Adopt(List.of(POD)));

      Signal listen =
          next(message ->
                  message.hasSignal()
                      && message.getSignal().getAddress().getPort() == socket.getLocalPort())
              .getSignal();

      assertThat(listen.getKind()).isEqualTo(Signal.Kind.LISTEN);
      assertThat(listen.getObservedByProc()).isTrue();
      stop(processes);
    }
  }

  private ActorRef<LocalProcesses.Command> spawn(ActorRef<KernelWatch.Command> watch) {
    var settings = new NodeSettings("test", folder, folder, Optional.empty(), "none");
    return kit.spawn(
        LocalProcesses.create(
            settings,
            Optional.empty(),
            false,
            watch,
            new LocalProcesses.Listener() {
              @Override
              public void expecting(TrackPod pod, ProcessIndex.Group group) {}

              @Override
              public void adopting(TrackPod pod, ProcessIndex.Group group) {}

              @Override
              public void said(FromNode message) {
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
