package dev.thaw.benchmarks;

import dev.thaw.node.NodeRuntime;
import dev.thaw.node.NodeSettings;
import dev.thaw.protocol.InProcessLink;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process of its own that is a node and nothing else: {@code AgentLoad PODS FOLDER}. Starts so
 * many servers, probes each until it is confirmed, then at the pace of full pods, and prints its
 * resident memory in KiB each second for ten.
 */
public final class AgentLoad {
  private static final String NAME = "thaw-bench-agent";
  private static final int PORT = 18_499;
  private static final int SETTLE_SECONDS = 15;
  private static final int SAMPLES = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final BlockingQueue<FromNode> heard = new LinkedBlockingQueue<>();
  private final InProcessLink.Pair link = InProcessLink.pair();
  private final Path folder;
  private final int pods;

  private AgentLoad(int pods, Path folder) {
    this.pods = pods;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    new AgentLoad(Integer.parseInt(arguments[0]), Path.of(arguments[1])).run();
    System.exit(0);
  }

  private void run() throws Exception {
    link.coordinatorEnd().listen(heard::add);
    NodeRuntime node =
        NodeRuntime.start(
            new NodeSettings(
                "bench", folder, Path.of("/sys/fs/bpf/" + NAME), Optional.empty(), NAME),
            link.nodeEnd());
    try {
      for (int pod = 0; pod < pods; pod++) {
        start(pod);
      }
      awaitConfirmed();
      link.coordinatorEnd().listen(message -> {}); // what is told now is not ours to keep
      heard.clear();
      Thread.sleep(SETTLE_SECONDS * 1000L);
      for (int i = 0; i < SAMPLES; i++) {
        Thread.sleep(1000);
        System.out.println(resident());
      }
    } finally {
      for (int pod = 0; pod < pods; pod++) {
        order(ToNode.newBuilder().setEndProcess(EndProcess.newBuilder().setPodUid(uid(pod))));
      }
      Thread.sleep(2000);
      node.stop(NodeRuntime.StopMode.CLEAN).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private void start(int pod) {
    String host = "127.101.250." + (pod + 1);
    order(
        ToNode.newBuilder()
            .setTrackPod(
                TrackPod.newBuilder()
                    .setPodUid(uid(pod))
                    .setPodName("bench-" + pod)
                    .setWorkload("bench")
                    .setAddress(Address.newBuilder().setHost(host).setPort(PORT))
                    .setProbe(
                        ProbePlan.newBuilder()
                            .setPath("/")
                            .setTimeoutNanos(Duration.ofSeconds(5).toNanos())
                            .setConfirmingIntervalNanos(Duration.ofMillis(200).toNanos())
                            .setClimbingIntervalNanos(Duration.ofSeconds(1).toNanos())
                            .setReadyIntervalNanos(Duration.ofSeconds(10).toNanos()))));
    order(
        ToNode.newBuilder()
            .setStartProcess(
                StartProcess.newBuilder()
                    .setPodUid(uid(pod))
                    .addAllCommand(
                        List.of(
                            "/usr/bin/python3",
                            "-m",
                            "http.server",
                            "--bind",
                            host,
                            Integer.toString(PORT)))
                    .setWorkingDirectory(folder.toString())
                    .setLogFile(folder.resolve("pod.log").toString())));
  }

  private void awaitConfirmed() throws InterruptedException {
    Set<StartRef> confirmed = new HashSet<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (confirmed.size() < pods) {
      FromNode message = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (message == null) {
        throw new IllegalStateException(confirmed.size() + " of " + pods + " pods were confirmed");
      }
      if (message.hasProbeReport() && message.getProbeReport().getSuccessesInRow() >= 3) {
        StartRef start = message.getProbeReport().getStart();
        if (confirmed.add(start)) {
          order(
              ToNode.newBuilder()
                  .setSetProbing(
                      SetProbing.newBuilder().setStart(start).setPhase(SetProbing.Phase.READY)));
        }
      }
    }
  }

  private static String uid(int pod) {
    return "bench-" + pod + ".x";
  }

  private void order(ToNode.Builder message) {
    link.coordinatorEnd().send(message.build());
  }

  private static String resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .map(line -> line.replaceAll("\\D", ""))
        .findFirst()
        .orElseThrow();
  }
}
