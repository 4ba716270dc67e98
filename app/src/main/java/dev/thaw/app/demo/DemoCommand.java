package dev.thaw.app.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code thaw demo}: exit 0 claims held, 1 a claim failed, 3 inconclusive, 130 interrupted. */
@Command(
    name = "demo",
    description = {
      "Runs the demo: births, faulty builds, a crash and keep-alive clients, on this machine.",
      "Needs root and the programs that make demo builds; ends by itself within 8 minutes."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Option(names = "--scene", paramLabel = "N", description = "Only this scene, 1 to 4.")
  @Nullable Integer scene;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/demo",
      description = "Where report.json and report.html go (default: target/demo).")
  Path out;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Order of the regimes (default: from the clock).")
  @Nullable Long seed;

  @Override
  public Integer call() throws Exception {
    PrintStream people = System.out;
    if (scene != null && (scene < 1 || scene > 4)) {
      System.err.println("thaw: --scene: " + scene + " (expected: 1 to 4)");
      return 2;
    }
    Path home = Path.of(System.getProperty("thaw.home", ""));
    if (!Files.isExecutable(home.resolve("deploy/demo/bin/order-svc"))) {
      System.err.println("thaw: the demo's programs are not built: run make demo in the checkout");
      return 1;
    }
    long chosen = seed == null ? System.currentTimeMillis() % 100_000 : seed;
    var report = new Report(System.getProperty("thaw.version", "0.1.0-SNAPSHOT"), chosen);
    if (Runtime.getRuntime().availableProcessors() < 2) {
      return end(
          report,
          new Analysis.Verdict(
              List.of(), List.of("one core: users and replicas disturb each other")),
          people);
    }
    Path folder = Files.createTempDirectory("thaw-demo");
    var session = new Session(home, folder, people);
    var closing = new Thread(session::close);
    Runtime.getRuntime().addShutdownHook(closing);
    Analysis.Verdict verdict;
    try {
      verdict = play(session, report, people, chosen);
    } finally {
      session.close();
    }
    Runtime.getRuntime().removeShutdownHook(closing);
    int code = end(report, verdict, people);
    if (code == 0) {
      delete(folder);
    } else {
      people.println("logs: " + folder);
    }
    return code;
  }

  private boolean wanted(int number) {
    return scene == null || scene == number;
  }

  private Analysis.Verdict play(Session session, Report report, PrintStream people, long chosen)
      throws Exception {
    var verdict = new Analysis.Verdict(List.of(), List.of());
    var scenes = new Scenes(session, people, chosen);
    scenes.begin();
    if (wanted(1)) {
      var order = new ArrayList<String>();
      Map<Birth.Regime, Analysis.Judged> judged = scenes.births(order);
      report.regimes(order, judged);
      verdict = verdict.and(Analysis.births(judged));
    }
    if (wanted(2)) {
      Map<String, Object> faulty = scenes.faulty();
      report.put("faulty", faulty);
      verdict = verdict.and(Claims.faulty(faulty));
    }
    if (wanted(3)) {
      Map<String, Object> crash = scenes.crash();
      report.put("crash", crash);
      verdict = verdict.and(Claims.crash(crash));
    }
    if (wanted(4)) {
      report.put("keepalive", scenes.keepAlive());
    }
    double lag = scenes.lagP99();
    report.put("driver_lag_p99_ms", Figures.rounded(lag));
    if (lag > 5) {
      verdict =
          verdict.and(
              new Analysis.Verdict(
                  List.of(),
                  List.of("the users were late: lag P99 is %.1f ms (bound: 5)".formatted(lag))));
    }
    return verdict;
  }

  private int end(Report report, Analysis.Verdict verdict, PrintStream people) throws IOException {
    report.verdict(verdict);
    report.write(out);
    people.println("what each gate rests on (errors it could miss: up to 3/n):");
    for (Map<String, Object> gate : report.evidence()) {
      people.println("  " + new LinkedHashMap<>(gate));
    }
    verdict.failed().forEach(line -> people.println("FAILED: " + line));
    verdict.open().forEach(line -> people.println("open: " + line));
    people.println("report: " + out.resolve("report.html"));
    people.println("verdict: " + verdict.word());
    people.flush();
    return verdict.exitCode();
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
