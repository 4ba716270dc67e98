package dev.thaw.benchmarks;

import dev.thaw.bpf.Pins;
import dev.thaw.bpf.RunTimes;
import dev.thaw.bpf.RunTimes.Used;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What our programs in the kernel cost, by the kernel's own count of their run time, which counts
 * itself too. Only the run's own programs count, by their pins: others on the machine have the same
 * names.
 */
final class BpfCost {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PER_SECOND = 2000;
  private static final int WINDOWS = 5;
  private static final Duration WINDOW = Duration.ofSeconds(3);
  private static final int REPLICAS = 3;
  private static final String RUN = "signals";
  private static final Path PINNED = Path.of("/sys/fs/bpf/thaw", RUN);
  private static final Pins STARTS = new Pins(PINNED.resolve("startup"));
  private static final Pins BALANCE = new Pins(PINNED.resolve("balance"));
  private static final String HOST = "127.100.77.2";
  private static final int PORT = 18081;
  private static final String SPEC =
      "{ service: \"%s:%d\", probe: { httpGet: { path: /healthz } } }".formatted(HOST, PORT);

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
    try (var times = RunTimes.count();
        var run = bench.run(RUN, SPEC, words(service))) {
      for (int full = 0; full < REPLICAS; full++) {
        run.await("full", PATIENCE);
      }
      var figures = new ArrayList<>(each("starts", times.of(STARTS)));
      figures.addAll(load(times, "keep-alive", true));
      figures.addAll(load(times, "a connection per request", false));
      figures.addAll(each("balance", times.of(BALANCE)));
      return figures;
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

  private static List<Figure> each(String subject, Map<String, Used> used) {
    var figures = new ArrayList<Figure>();
    used.forEach(
        (name, of) -> {
          if (of.runs() > 0) {
            figures.add(
                Figure.shown(
                    "signals",
                    "%s, %s: mean run time of %d runs".formatted(subject, name, of.runs()),
                    "ns",
                    Spread.of(List.of((double) of.nanos() / of.runs())).summary()));
          }
        });
    return figures;
  }

  private static List<Figure> load(RunTimes times, String name, boolean keepAlive)
      throws Exception {
    var starts = new Share(times, STARTS);
    var balance = new Share(times, BALANCE);
    var rates = new ArrayList<Double>();
    for (int i = 0; i < WINDOWS; i++) {
      starts.begin();
      balance.begin();
      long began = System.nanoTime();
      long requests = RequestLoad.run(HOST, PORT, PER_SECOND, WINDOW, keepAlive);
      double elapsed = System.nanoTime() - began;
      starts.end(elapsed);
      balance.end(elapsed);
      rates.add(requests / (elapsed / 1e9));
    }
    return List.of(
        Figure.shown("load", name, "requests/s", Spread.of(rates).summary()),
        Figure.shown(
                "signals-cost",
                "programs on starts under that load, " + name,
                "% of a core",
                Spread.of(starts.percent).summary())
            .bound(Figure.Statistic.MEDIAN, 0.8)
            .goal(Figure.Statistic.MEDIAN, 0.2),
        Figure.shown(
            "balance-cost",
            "programs that balance, " + name,
            "% of a core",
            Spread.of(balance.percent).summary()));
  }

  /** What the programs pinned in one folder take of a core, window by window. */
  private static final class Share {
    private final RunTimes times;
    private final Pins pins;
    private final List<Double> percent = new ArrayList<>();
    private long before;

    Share(RunTimes times, Pins pins) {
      this.times = times;
      this.pins = pins;
    }

    void begin() {
      before = nanos();
    }

    void end(double elapsed) {
      percent.add(100.0 * (nanos() - before) / elapsed);
    }

    private long nanos() {
      return times.of(pins).values().stream().mapToLong(Used::nanos).sum();
    }
  }
}
