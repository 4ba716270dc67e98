package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How soon a ladder goes on after a kill: start of the successor to its first counted verdict. */
final class Recovery {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KILLS = 10;

  /** The last rung is watched for long, so that verdicts go on. */
  private static final String SPEC =
      "{ service: \"127.100.77.3:18082\","
          + " birth: { floor: 0s, ladder: [ { weight: 20, hold: 1s }, { weight: 100, hold: 10m } ] } }";

  private Recovery() {}

  static List<Figure> afterKill(Bench bench) throws IOException, InterruptedException {
    var samples = new ArrayList<Double>();
    ThawProcess run = start(bench, List.of());
    try {
      run.await("full", PATIENCE);
      for (int i = 0; i < KILLS; i++) {
        firstVerdict(run); // there is a ladder to go on with
        run.kill();
        run = start(bench, List.of("--adopt"));
        run.await("started", PATIENCE);
        samples.add(firstVerdict(run));
      }
    } finally {
      run.close();
    }
    return List.of(
        Figure.shown(
                "recovery",
                "after kill -9: start with --adopt to the first counted verdict",
                "ms",
                Spread.of(samples).summary())
            .bound(Figure.Statistic.MAX, 10_000));
  }

  private static double firstVerdict(ThawProcess run) throws IOException, InterruptedException {
    for (int i = 0; i < 100; i++) {
      for (JsonNode decision : run.page("pods/recovery-0").path("decisions")) {
        long at = Instant.parse(decision.path("at").asText()).toEpochMilli();
        if (at > run.startedAtMillis() && decision.path("event").asText().equals("Passed")) {
          return at - run.startedAtMillis();
        }
      }
      Thread.sleep(200);
    }
    throw new IllegalStateException("no verdict was counted within 20 s");
  }

  private static ThawProcess start(Bench bench, List<String> more) throws IOException {
    var arguments = new ArrayList<>(more);
    arguments.addAll(List.of("--replicas", "2", "--", "/usr/bin/python3"));
    arguments.addAll(List.of("-m", "http.server", "--bind", "{addr}", "{port}"));
    return bench.run("recovery", SPEC, arguments);
  }
}
