package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Figures of decisions: how soon a weight is in force, how soon a ladder goes on after a kill. */
final class Decisions {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CHANGES = 40;
  private static final int KILLS = 5;

  private Decisions() {}

  /**
   * From the decision to the kernel's acknowledgement of its table, the journal's write included:
   * more than what the bound speaks of, which begins when the write is done.
   */
  static List<String> weight(Path launcher, Path scratch) throws IOException, InterruptedException {
    try (var run = start(launcher, scratch, "weight", false)) {
      run.await("full", PATIENCE);
      run.await("full", PATIENCE);
      for (int i = 0; i < CHANGES; i++) {
        run.verb("abort", "weight-1");
        run.verb("promote", "--full", "weight-1");
        run.await("full", PATIENCE);
      }
      var samples = new ArrayList<Double>();
      Instant entered = null;
      for (JsonNode decision : run.why("weight-1").path("decisions")) {
        Instant at = Instant.parse(decision.path("at").asText());
        if (decision.path("event").asText().equals("RungEntered")) {
          entered = at;
        } else if (decision.path("event").asText().equals("RungApplied") && entered != null) {
          samples.add(Duration.between(entered, at).toNanos() / 1e6);
          entered = null;
        }
      }
      return List.of(
          "decision to acknowledged table, journal write included, ms (bound 10 without it): "
              + Spread.of(samples));
    }
  }

  /** Process start of a successor to the first verdict that is counted again. */
  static List<String> recovery(Path launcher, Path scratch)
      throws IOException, InterruptedException {
    var samples = new ArrayList<Double>();
    ThawProcess run = start(launcher, scratch, "recovery", false);
    try {
      run.await("full", PATIENCE);
      for (int i = 0; i < KILLS; i++) {
        Thread.sleep(2_000);
        run.kill();
        run.close();
        run = start(launcher, scratch, "recovery", true);
        run.await("started", PATIENCE);
        samples.add(firstVerdict(run));
      }
    } finally {
      run.close();
    }
    return List.of(
        "kill -9 and --adopt to the first verdict, ms, bound 10000: " + Spread.of(samples));
  }

  private static double firstVerdict(ThawProcess run) throws IOException, InterruptedException {
    for (int i = 0; i < 30; i++) {
      for (JsonNode decision : run.why("recovery-0").path("decisions")) {
        long at = Instant.parse(decision.path("at").asText()).toEpochMilli();
        if (at > run.startedAtMillis() && decision.path("event").asText().equals("Passed")) {
          return at - run.startedAtMillis();
        }
      }
      Thread.sleep(500);
    }
    throw new IllegalStateException("no verdict was counted within 15 s");
  }

  /** Two replicas whose last rung is watched for long, so that verdicts go on. */
  private static ThawProcess start(Path launcher, Path scratch, String name, boolean adopt)
      throws IOException {
    Path policy =
        Files.writeString(
            scratch.resolve(name + ".yaml"),
            """
            apiVersion: thaw.dev/v1alpha1
            kind: WarmupPolicy
            metadata: { name: %s }
            spec:
              service: "127.100.77.2:18081"
              birth:
                floor: 0s
                ladder: [ { weight: 20, hold: 1s }, { weight: 100, hold: 10m } ]
            """
                .formatted(name));
    var arguments = new ArrayList<>(List.of("--policy", policy.toString(), "--replicas", "2"));
    if (adopt) {
      arguments.add("--adopt");
    }
    arguments.addAll(List.of("--", "python3", "-m", "http.server", "--bind", "{addr}", "{port}"));
    return ThawProcess.start(launcher, scratch.resolve(name), arguments);
  }
}
