package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.protocol.InProcessLink;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.AdoptProcesses;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.RunWarmup;
import dev.thaw.protocol.v1.ServeTable;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TableEntry;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import dev.thaw.protocol.v1.UntrackPod;
import dev.thaw.protocol.v1.WarmupPlan;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A whole node on the real kernel, ordered about over a link as a coordinator would. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class NodeIT {
  private static final String NAME = "thaw-test-node-" + ProcessHandle.current().pid();
  private static final String HOST = "127.101.251.1";
  private static final int PORT = 18473;
  private static final String SERVER =
      """
      import http.server, sys
      class H(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def do_GET(self):
          self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'ok')
      http.server.ThreadingHTTPServer(('%s', %d), H).serve_forever()
      """
          .formatted(HOST, PORT);

  @TempDir Path folder;
  private final BlockingQueue<FromNode> heard = new LinkedBlockingQueue<>();
  private final List<FromNode> all = new ArrayList<>();
  private InProcessLink.Pair link;
  private NodeRuntime node;

  @BeforeEach
  void start() {
    begin();
  }

  private void begin() {
    link = InProcessLink.pair();
    link.coordinatorEnd().listen(heard::add);
    node =
        NodeRuntime.start(
            new NodeSettings(
                "test", folder, Path.of("/sys/fs/bpf/" + NAME), Optional.empty(), NAME),
            link.nodeEnd());
  }

  @AfterEach
  void stop() throws Exception {
    order(ToNode.newBuilder().setEndProcess(EndProcess.newBuilder().setPodUid("pod-0.x")));
    Thread.sleep(300);
    node.stop(NodeRuntime.StopMode.CLEAN).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void startsAServerSeesItProbesItAndSendsTrafficToIt() throws Exception {
    track();
    run("/usr/bin/env", "python3", "-c", SERVER);

    StartRef start = await(FromNode::hasProcessStarted).getProcessStarted().getStart();
    Signal listen =
        await(m -> m.hasSignal() && m.getSignal().getKind() == Signal.Kind.LISTEN).getSignal();
    ProbeReport first = await(FromNode::hasProbeReport).getProbeReport();
    assertThat(listen.getTarget()).isTrue();
    assertThat(first.getOutcome())
        .as(TextFormat.printer().printToString(first))
        .isEqualTo(ProbeReport.Outcome.SUCCESS);
    assertThat(first.getProtocol()).isEqualTo("http/1.1");
    assertThat(await(m -> m.hasProbeReport() && m.getProbeReport().getSuccessesInRow() == 3))
        .isNotNull();

    order(ToNode.newBuilder().setRunWarmup(RunWarmup.newBuilder().setStart(start)));
    var warmed = await(FromNode::hasWarmupReport).getWarmupReport();
    assertThat(warmed.getSent()).isEqualTo(20);
    assertThat(warmed.getErrors()).as(warmed.getLastError()).isZero();

    order(ToNode.newBuilder().setServeTable(table(5)));
    assertThat(await(FromNode::hasTableApplied).getTableApplied().getPlane()).isEqualTo("kernel");
    try (var client = new Socket("127.100.251.1", 8080)) {
      assertThat(client.isConnected()).isTrue();
    }
    assertThat(await(m -> m.hasTableApplied() && m.getTableApplied().getFirstPickNanos() > 0))
        .isNotNull();
    assertThat(await(FromNode::hasPicksReport).getPicksReport().getSlots(0).getPicks())
        .isEqualTo(1);

    order(ToNode.newBuilder().setServeTable(table(4)));
    assertThat(await(FromNode::hasTableRefused).getTableRefused().getHaveVersion()).isEqualTo(5);

    order(
        ToNode.newBuilder()
            .setEndProcess(
                EndProcess.newBuilder()
                    .setPodUid("pod-0.x")
                    .setGraceNanos(Duration.ofSeconds(5).toNanos())));
    ProcessExited exited = await(FromNode::hasProcessExited).getProcessExited();
    assertThat(exited.getSignal()).isEqualTo(15);
  }

  @Test
  void aSuccessorAdoptsWhatStillRunsAndKeepsTheTable() throws Exception {
    track();
    run("/usr/bin/env", "python3", "-c", SERVER);
    StartRef start = await(FromNode::hasProcessStarted).getProcessStarted().getStart();
    await(
        m -> m.hasProbeReport() && m.getProbeReport().getOutcome() == ProbeReport.Outcome.SUCCESS);
    order(ToNode.newBuilder().setServeTable(table(5)));
    await(FromNode::hasTableApplied);

    node.stop(NodeRuntime.StopMode.KEEP).toCompletableFuture().get(20, TimeUnit.SECONDS);
    new Socket("127.100.251.1", 8080).close();
    begin();
    order(ToNode.newBuilder().setAdoptProcesses(AdoptProcesses.newBuilder().addPods(pod())));

    var adopted = await(FromNode::hasProcessStarted).getProcessStarted();
    assertThat(adopted.getAdopted()).isTrue();
    assertThat(adopted.getStart()).isEqualTo(start);
    assertThat(await(FromNode::hasProbeReport).getProbeReport().getOutcome())
        .isEqualTo(ProbeReport.Outcome.SUCCESS);
    order(ToNode.newBuilder().setServeTable(table(4)));
    assertThat(await(FromNode::hasTableRefused).getTableRefused().getHaveVersion()).isEqualTo(5);
  }

  @Test
  void saysHowAProcessEndedAndWhatItSaidLast() throws Exception {
    track();
    run("/bin/sh", "-c", "echo no database; exit 3");

    ProcessExited exited = await(FromNode::hasProcessExited).getProcessExited();

    assertThat(exited.getExitCode()).isEqualTo(3);
    assertThat(exited.getLastLinesList()).containsExactly("no database");
  }

  @Test
  void ofAPodThatIsNoMoreTheControlGroupGoes() throws Exception {
    track();
    run("/bin/sh", "-c", "sleep 1000 & exit 0");
    await(FromNode::hasProcessExited);
    var group = new PodGroups(Optional.of(CgroupLayout.detect()), NAME).of("pod-0").orElseThrow();
    assertThat(group.joinFiles()).allMatch(Files::exists);
    assertThat(group.pids()).isEmpty();

    order(ToNode.newBuilder().setUntrackPod(UntrackPod.newBuilder().setPodUid("pod-0.x")));

    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (group.joinFiles().stream().anyMatch(Files::exists) && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(group.joinFiles()).noneMatch(Files::exists);
  }

  private void track() {
    order(ToNode.newBuilder().setTrackPod(pod()));
  }

  private static TrackPod pod() {
    return TrackPod.newBuilder()
        .setPodUid("pod-0.x")
        .setPodName("pod-0")
        .setWorkload("pod")
        .setAddress(Address.newBuilder().setHost(HOST).setPort(PORT))
        .setProbe(
            ProbePlan.newBuilder()
                .setPath("/")
                .setTimeoutNanos(Duration.ofMillis(1000).toNanos())
                .setConfirmingIntervalNanos(Duration.ofMillis(200).toNanos())
                .setClimbingIntervalNanos(Duration.ofSeconds(1).toNanos())
                .setReadyIntervalNanos(Duration.ofSeconds(10).toNanos())
                .setSuccessThreshold(3)
                .setFailureThreshold(3))
        .setWarmup(
            WarmupPlan.newBuilder()
                .addRequests(
                    WarmupPlan.Request.newBuilder()
                        .setPath("/x?n={n}")
                        .setMethod("GET")
                        .addExpect(200))
                .setCount(20)
                .setConnections(2)
                .setTimeLimitNanos(Duration.ofSeconds(10).toNanos()))
        .build();
  }

  private void run(String... command) {
    order(
        ToNode.newBuilder()
            .setStartProcess(
                StartProcess.newBuilder()
                    .setPodUid("pod-0.x")
                    .addAllCommand(List.of(command))
                    .setWorkingDirectory(folder.toString())
                    .setLogFile(folder.resolve("pod-0.log").toString())));
  }

  private static ServeTable table(long version) {
    return ServeTable.newBuilder()
        .setWorkload("pod")
        .setTerm(1)
        .setVersion(version)
        .setService(Address.newBuilder().setHost("127.100.251.1").setPort(8080))
        .addEntries(
            TableEntry.newBuilder()
                .setPodUid("pod-0.x")
                .setAddress(Address.newBuilder().setHost(HOST).setPort(PORT))
                .setWeight(100))
        .build();
  }

  private void order(ToNode.Builder message) {
    link.coordinatorEnd().send(message.build());
  }

  /** The next message of this kind, at most 15 s from now. */
  private FromNode await(Predicate<FromNode> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
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
}
