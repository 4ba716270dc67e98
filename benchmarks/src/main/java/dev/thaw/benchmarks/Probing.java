package dev.thaw.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Figures of probing: what a probe and a probe connection cost the agent's process. Probes and
 * server are processes of their own, so that only the prober's CPU and memory are counted.
 */
final class Probing {
  private static final int CONNECTIONS = 200;
  private static final int RATE = 15_000;
  private static final int RUNS = 3;
  private static final int HELD = 5_000;
  private static final int PODS = 110;

  /** As {@code bin/thaw} gives them to an agent, with room for 5,000 connections. */
  private static final List<String> JVM =
      List.of("@bin/jvm.options", "@bin/resident.options", "-Xmx160m");

  private Probing() {}

  /** GET probes with deadlines, sent at a fixed rate whether answered or not. */
  static List<Figure> speed(Bench bench) throws IOException, InterruptedException {
    var perCpuSecond = new ArrayList<Double>();
    var lost = new ArrayList<Double>();
    try (var server = new Server(bench, "-plain")) {
      for (int run = 0; run < RUNS; run++) {
        double[] seen = load(bench, server, "get", "h2c", CONNECTIONS);
        perCpuSecond.add(seen[2] * 1e6 / seen[0]);
        lost.add(seen[1]);
      }
    }
    return List.of(
        Figure.shown(
                "probe-cpu",
                "CPU of one GET probe with its deadline, open loop of %d/s over %d h2c connections"
                    .formatted(RATE, CONNECTIONS),
                "us",
                Spread.of(perCpuSecond).summary())
            .bound(Figure.Statistic.MAX, 1e6 / 30_000),
        Figure.shown("probe-lost", "probes of a run that failed", "", Spread.of(lost).summary()));
  }

  /** What an idle probe connection keeps. */
  static List<Figure> connections(Bench bench) throws IOException, InterruptedException {
    var figures = new ArrayList<Figure>();
    try (var server = new Server(bench, "-plain")) {
      double[] seen = load(bench, server, "idle", "h2c", HELD);
      figures.add(held("h2c", seen).bound(Figure.Statistic.MAX, 20));
    }
    try (var server = new Server(bench)) {
      figures.add(held("tls", load(bench, server, "idle", "tls", HELD)));
    }
    return figures;
  }

  private static Figure held(String wire, double[] seen) {
    return Figure.shown(
        "connection-" + wire,
        "RSS per connection, %d open in one process".formatted(HELD),
        "KiB",
        Spread.of(List.of(seen[2] / seen[0] / 1024)).summary());
  }

  /** A node alone, without coordinator, admin API and journal, with as many pods as a node has. */
  static List<Figure> agent(Bench bench) throws IOException, InterruptedException {
    var resident = new ArrayList<Double>();
    Path folder = Files.createDirectories(bench.scratch().resolve("agent"));
    for (String line : child(bench, AgentLoad.class, Integer.toString(PODS), folder.toString())) {
      resident.add(Double.parseDouble(line) / 1024);
    }
    return List.of(
        Figure.shown(
                "agent-memory",
                "RSS of a node alone with %d pods, all full, each second of one run"
                    .formatted(PODS),
                "MiB",
                Spread.of(resident).summary())
            .bound(Figure.Statistic.MAX, 200)
            .goal(Figure.Statistic.MAX, 150));
  }

  private static double[] load(
      Bench bench, Server server, String what, String wire, int connections)
      throws IOException, InterruptedException {
    List<String> said =
        child(
            bench,
            ProbeLoad.class,
            what,
            Integer.toString(server.port),
            wire,
            Integer.toString(connections),
            Integer.toString(RATE));
    return Arrays.stream(said.get(0).split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  /** What a program of ours prints in a JVM like the agent's own. */
  private static List<String> child(Bench bench, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
    words.addAll(JVM);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    words.addAll(List.of(arguments));
    Process process =
        bench.own(
            new ProcessBuilder(words)
                .redirectError(bench.scratch().resolve(main.getSimpleName() + ".log").toFile())
                .start());
    List<String> figures;
    try (BufferedReader said = process.inputReader()) {
      figures = said.lines().filter(line -> line.matches("[0-9. ]+")).toList();
    }
    if (process.waitFor() != 0 || figures.isEmpty()) {
      throw new IOException(main.getSimpleName() + " failed, see its log in " + bench.scratch());
    }
    return figures;
  }

  /** The demo's service on a free port. */
  private static final class Server implements AutoCloseable {
    private final int port;
    private final Process process;

    Server(Bench bench, String... flags) throws IOException, InterruptedException {
      try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Path binary = Path.of("deploy", "demo", "bin", "order-svc");
      var words = new ArrayList<>(List.of(binary.toString(), "-listen", "127.0.0.1:" + port));
      words.addAll(List.of(flags));
      process =
          bench.own(
              new ProcessBuilder(words)
                  .redirectErrorStream(true)
                  .redirectOutput(bench.scratch().resolve("order-svc.log").toFile())
                  .start());
      awaitListening();
    }

    private void awaitListening() throws IOException, InterruptedException {
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (process.isAlive() && System.nanoTime() < deadline) {
        try {
          new Socket(InetAddress.getLoopbackAddress(), port).close();
          return;
        } catch (IOException notYet) {
          Thread.sleep(20);
        }
      }
      throw new IOException("order-svc does not listen (make programs builds it)");
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }
}
