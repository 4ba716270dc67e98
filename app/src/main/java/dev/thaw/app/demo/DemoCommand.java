package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code thaw demo}: exit 0 claims held, 1 a claim failed, 2 wrong usage, 3 inconclusive, 130
 * interrupted.
 */
@Command(
    name = "demo",
    description = {
      "Runs the demo: births, faulty builds, a crash and keep-alive clients, on this machine.",
      "Needs root and the programs that make demo builds; ends by itself within 8 minutes."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;

  @Spec CommandSpec spec;

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
    if (scene != null && (scene < 1 || scene > 4)) {
      throw new ParameterException(spec.commandLine(), "--scene: " + scene + " (expected: 1 to 4)");
    }
    Path home = Path.of(System.getProperty("thaw.home", ""));
    if (!Files.isExecutable(home.resolve("deploy/demo/bin/order-svc"))) {
      System.err.println("thaw: the demo's programs are not built: run make demo in the checkout");
      return 1;
    }
    long chosen = seed == null ? System.currentTimeMillis() % 100_000 : seed;
    var screen = new Screen(System.out, System.console() != null);
    if (Runtime.getRuntime().availableProcessors() < 2) {
      var open = List.of("one core: users and replicas disturb each other");
      return end(Findings.NONE, new Verdict(List.of(), open), chosen);
    }
    var session = new Session(home, Files.createTempDirectory("thaw-demo"));
    var interrupted = new Thread(() -> interrupted(session), "interrupted");
    Runtime.getRuntime().addShutdownHook(interrupted);
    Findings found;
    try (session) {
      found = watched(session, screen, chosen);
    } catch (Exception e) {
      if (!interrupted.getState().equals(Thread.State.NEW)) {
        return INTERRUPTED; // what was waited for had been ended
      }
      Runtime.getRuntime().removeShutdownHook(interrupted);
      keepLogs(session);
      session.forget();
      throw e;
    }
    if (!removed(interrupted)) {
      return INTERRUPTED;
    }
    Verdict verdict = found.verdict();
    int code = end(found, verdict, chosen);
    if (code != 0) {
      keepLogs(session);
    }
    session.forget();
    return code;
  }

  /** Ctrl-C or SIGTERM: everything ends in order, then the JVM does. */
  private static void interrupted(Session session) {
    System.err.println("thaw: interrupted, ending what runs");
    session.close();
    try {
      session.forget();
    } catch (IOException e) {
      System.err.println("thaw: " + e);
    }
  }

  private void keepLogs(Session session) throws IOException {
    Path logs = out.resolve("logs");
    session.keepLogs(logs);
    System.err.println("logs: " + logs);
  }

  private static boolean removed(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false; // Ctrl-C came at the very end
    }
  }

  private boolean wanted(int number) {
    return scene == null || scene == number;
  }

  private Findings watched(Session session, Screen screen, long chosen)
      throws IOException, InterruptedException {
    var watcher = new Watcher(session.thaw(), screen);
    try {
      return play(session, screen, chosen);
    } finally {
      watcher.stop();
    }
  }

  private Findings play(Session session, Screen screen, long chosen)
      throws IOException, InterruptedException {
    var random = new Random(chosen);
    var order = new ArrayList<>(List.of(Regime.values()));
    Collections.shuffle(order, random);
    boolean warmingUp = wanted(1) ? order.get(0).warmsUp() : true;
    screen.say("three replicas start cold");
    session.begin(warmingUp);
    screen.say("all warm, users send %.0f requests/s".formatted(Session.RATE));
    var births = new Births(session, random);
    Map<Regime, Analysis.Judged> judged = Map.of();
    if (wanted(1)) {
      judged = new BirthScene(session, births, screen).play(order);
      warmingUp = order.get(order.size() - 1).warmsUp();
    }
    Map<String, Map<Regime, Analysis.Hurt>> faulty = Map.of();
    if (wanted(2)) {
      faulty = new FaultScene(session, births, screen).play(warmingUp);
    }
    Optional<CrashScene.Found> crash = Optional.empty();
    if (wanted(3)) {
      crash = Optional.of(new CrashScene(session, screen).play());
    }
    Optional<KeepAliveScene.Found> kept = Optional.empty();
    if (wanted(4)) {
      kept = Optional.of(new KeepAliveScene(session, screen).play());
    }
    double lag = Analysis.lagP99(session.requests(Session.USERS));
    return new Findings(wanted(1) ? order : List.of(), judged, faulty, crash, kept, lag);
  }

  private int end(Findings found, Verdict verdict, long chosen) throws IOException {
    String version = spec.root().version()[0].replace("thaw ", "");
    Report.write(Report.of(version, chosen, found, verdict), out);
    PrintStream people = System.out;
    Closing.lines(found).forEach(people::println);
    people.println();
    verdict.failed().forEach(line -> people.println("FAILED: " + line));
    verdict.open().forEach(line -> people.println("open: " + line));
    people.println("report: " + out.resolve("report.html"));
    people.println("verdict: " + verdict.word());
    people.flush();
    return verdict.exitCode();
  }
}
