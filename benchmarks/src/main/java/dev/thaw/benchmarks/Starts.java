package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Figures of starts: how soon Thaw itself is ready, how soon it sees that a server serves, what it
 * weighs.
 */
final class Starts {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int READY_RUNS = 10;
  private static final int RESTARTS = 100;
  private static final String SPEC = "{ service: \"127.100.77.1:18080\" }";

  private Starts() {}

  /** Process start of Thaw to the first child's exec; median of ten with a warm page cache. */
  static List<Figure> ready(Bench bench) throws IOException, InterruptedException {
    var samples = new ArrayList<Double>();
    for (int i = 0; i <= READY_RUNS; i++) {
      try (var run = start(bench, "ready", 1)) {
        var exec = run.await("exec", PATIENCE);
        if (i > 0) { // the first one warms the page cache
          samples.add((double) at(exec) - run.startedAtMillis());
        }
      }
    }
    return List.of(
        Figure.shown("ready", "process start to the first exec", "ms", Spread.of(samples).summary())
            .bound(Figure.Statistic.MEDIAN, 5_000));
  }

  /**
   * LISTEN to the first success, and what confirming adds to its two intervals of 200 ms; beside
   * them, of the same starts, the exec's way to a follower of the events.
   */
  static List<Figure> confirmation(Bench bench) throws IOException, InterruptedException {
    var firstSuccess = new ArrayList<Double>();
    var added = new ArrayList<Double>();
    var followed = new ArrayList<Double>();
    try (var run = start(bench, "confirmation", 2)) { // nobody may be left without a backend
      run.await("full", PATIENCE);
      run.await("full", PATIENCE);
      for (int i = 0; i < RESTARTS; i++) {
        run.verb("pods/confirmation-0/restart", "{}");
        var exec = run.await(restarted("exec"), PATIENCE);
        double listen = sinceExec(run.await(restarted("listen"), PATIENCE));
        double success = sinceExec(run.await(restarted("first_success"), PATIENCE));
        double confirmed = sinceExec(run.await(restarted("confirmed"), PATIENCE));
        firstSuccess.add(success - listen);
        added.add(confirmed - success - 400);
        followed.add((double) exec.path("seen_ms").asLong() - at(exec));
      }
    }
    return List.of(
        Figure.shown(
                "first-success",
                "LISTEN to the first success",
                "ms",
                Spread.of(firstSuccess).summary())
            .bound(Figure.Statistic.P99, 50),
        Figure.shown(
                "confirmation",
                "what confirming adds to its 2 x 200 ms",
                "ms",
                Spread.of(added).summary())
            .bound(Figure.Statistic.P99, 10),
        Figure.shown(
            "exec-followed",
            "exec to its event at a follower's end of a pipe, in whole ms",
            "ms",
            Spread.of(followed).summary()));
  }

  private static long at(com.fasterxml.jackson.databind.JsonNode event) {
    return Instant.parse(event.path("at").asText()).toEpochMilli();
  }

  /** Resident set of the whole process once four replicas are full, for ten seconds. */
  static List<Figure> memory(Bench bench) throws IOException, InterruptedException {
    try (var run = start(bench, "memory", 4)) {
      for (int full = 0; full < 4; full++) {
        run.await("full", Duration.ofMinutes(2));
      }
      var samples = new ArrayList<Double>();
      for (int i = 0; i < 10; i++) {
        Thread.sleep(1000);
        samples.add(run.residentMiB("VmRSS"));
      }
      return List.of(
          Figure.shown(
                  "memory",
                  "RSS of thaw run with 4 replicas, all full, each second of one run",
                  "MiB",
                  Spread.of(samples).summary())
              .bound(Figure.Statistic.MAX, 350)
              .goal(Figure.Statistic.MAX, 250),
          Figure.shown(
              "memory-peak",
              "the most it ever had, of the same run",
              "MiB",
              Spread.of(List.of(run.residentMiB("VmHWM"))).summary()));
    }
  }

  /** A run of {@code replicas} plain HTTP servers under the default policy. */
  private static Predicate<JsonNode> restarted(String event) {
    return e ->
        e.path("event").asText().equals(event) && e.path("pod").asText().equals("confirmation-0");
  }

  private static double sinceExec(JsonNode event) {
    return event.path("since_exec_ms").asDouble();
  }

  private static ThawProcess start(Bench bench, String name, int replicas) throws IOException {
    return bench.run(
        name,
        SPEC,
        List.of(
            "--replicas",
            Integer.toString(replicas),
            "--",
            "/usr/bin/python3",
            "-m",
            "http.server",
            "--bind",
            "{addr}",
            "{port}"));
  }
}
