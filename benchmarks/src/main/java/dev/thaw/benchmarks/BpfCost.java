package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What our programs in the kernel cost, by the kernel's own count of their run time ({@code
 * bpf_stats_enabled}, which itself adds some 20 ns a run).
 */
final class BpfCost {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SWITCH = Path.of("/proc/sys/kernel/bpf_stats_enabled");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PER_SECOND = 2000;
  private static final int WINDOWS = 5;
  private static final Duration WINDOW = Duration.ofSeconds(3);
  private static final int REPLICAS = 3;
  private static final String HOST = "127.100.77.2";
  private static final int PORT = 18081;
  private static final String SPEC =
      "{ service: \"%s:%d\", probe: { httpGet: { path: /healthz } } }".formatted(HOST, PORT);

  /** Those that report starts; the rest of ours balance. */
  private static final Set<String> SIGNALS =
      Set.of(
          "on_exec",
          "on_exit",
          "on_listener",
          "on_runtime_main",
          "on_main_main",
          "on_net_http_serve",
          "on_grpc_serve");

  private static final Set<String> BALANCE =
      Set.of(
          "on_connect4", "on_connect6", "on_getpeername4", "on_getpeername6", "on_connect_result");

  /** Run time and runs of the programs of one name, since they were loaded. */
  private record Used(long nanos, long runs) {
    Used plus(Used other) {
      return new Used(nanos + other.nanos, runs + other.runs);
    }

    Used since(Used earlier) {
      return new Used(nanos - earlier.nanos, runs - earlier.runs);
    }
  }

  private BpfCost() {}

  /** Nanoseconds an event, and percent of a core while replicas answer 2,000 requests a second. */
  static List<Figure> signals(Bench bench) throws Exception {
    Path service =
        bench
            .launcher()
            .resolveSibling("../deploy/demo/bin/order-svc")
            .toAbsolutePath()
            .normalize();
    if (!Files.isExecutable(service)) {
      throw new IOException(service + " is missing (make programs)");
    }
    String before = Files.readString(SWITCH);
    Files.writeString(SWITCH, "1");
    try (var run = bench.run("signals", SPEC, words(service))) {
      for (int full = 0; full < REPLICAS; full++) {
        run.await("full", PATIENCE);
      }
      var figures = new ArrayList<>(each(used()));
      figures.addAll(load("keep-alive", true));
      figures.addAll(load("a connection per request", false));
      return figures;
    } finally {
      Files.writeString(SWITCH, before);
    }
  }

  private static List<String> words(Path service) {
    return List.of(
        "--replicas",
        Integer.toString(REPLICAS),
        "--",
        service.toString(),
        "-plain",
        "-listen",
        "{addr}:{port}");
  }

  private static List<Figure> each(Map<String, Used> used) {
    var figures = new ArrayList<Figure>();
    used.forEach(
        (name, of) -> {
          if (of.runs() > 0) {
            figures.add(
                Figure.shown(
                    "signals",
                    "%s: mean run time of %d runs".formatted(name, of.runs()),
                    "ns",
                    Spread.of(List.of((double) of.nanos() / of.runs())).summary()));
          }
        });
    return figures;
  }

  private static List<Figure> load(String name, boolean keepAlive) throws Exception {
    var signals = new ArrayList<Double>();
    var balance = new ArrayList<Double>();
    var rates = new ArrayList<Double>();
    for (int i = 0; i < WINDOWS; i++) {
      Map<String, Used> before = used();
      long began = System.nanoTime();
      long requests = RequestLoad.run(HOST, PORT, PER_SECOND, WINDOW, keepAlive);
      double elapsed = System.nanoTime() - began;
      Map<String, Used> after = used();
      rates.add(requests / (elapsed / 1e9));
      signals.add(percent(before, after, SIGNALS, elapsed));
      balance.add(percent(before, after, BALANCE, elapsed));
    }
    return List.of(
        Figure.shown("load", name, "requests/s", Spread.of(rates).summary()),
        Figure.shown(
                "signals-cost",
                "programs on starts under that load, " + name,
                "% of a core",
                Spread.of(signals).summary())
            .bound(Figure.Statistic.MEDIAN, 0.8)
            .goal(Figure.Statistic.MEDIAN, 0.2),
        Figure.shown(
            "balance-cost",
            "programs that balance, " + name,
            "% of a core",
            Spread.of(balance).summary()));
  }

  private static double percent(
      Map<String, Used> before, Map<String, Used> after, Set<String> names, double elapsed) {
    long nanos = 0;
    for (String name : names) {
      Used none = new Used(0, 0);
      nanos += after.getOrDefault(name, none).since(before.getOrDefault(name, none)).nanos();
    }
    return 100.0 * nanos / elapsed;
  }

  /** By program name; balancing's own look at listeners counts among the signals. */
  private static Map<String, Used> used() throws IOException, InterruptedException {
    Process bpftool = new ProcessBuilder("bpftool", "-j", "prog", "show").start();
    JsonNode programs = JSON.readTree(bpftool.getInputStream());
    bpftool.waitFor();
    var used = new TreeMap<String, Used>();
    for (JsonNode program : programs) {
      String name = fullName(program.path("name").asText());
      if (SIGNALS.contains(name) || BALANCE.contains(name)) {
        used.merge(
            name,
            new Used(program.path("run_time_ns").asLong(), program.path("run_cnt").asLong()),
            Used::plus);
      }
    }
    return used;
  }

  /** The kernel keeps 15 letters. */
  private static String fullName(String kept) {
    for (Set<String> names : List.of(SIGNALS, BALANCE)) {
      for (String name : names) {
        if (name.equals(kept) || kept.length() == 15 && name.startsWith(kept)) {
          return name;
        }
      }
    }
    return kept;
  }
}
