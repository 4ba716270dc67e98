package dev.thaw.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Figures of starts: how soon Thaw itself is ready, how soon it sees that a server serves, what it
 * weighs.
 */
final class Starts {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int READY_RUNS = 10;
  private static final int RESTARTS = 60;
  private static final List<String> SERVER =
      List.of("--", "python3", "-m", "http.server", "--bind", "{addr}", "{port}");

  private Starts() {}

  /** Process start of Thaw to the first child's exec; median of ten with a warm page cache. */
  static List<String> ready(Path launcher, Path scratch) throws IOException, InterruptedException {
    var samples = new ArrayList<Double>();
    for (int i = 0; i <= READY_RUNS; i++) {
      try (var run = start(launcher, scratch, "ready-" + i, 1)) {
        var exec = run.await("exec", PATIENCE);
        double millis =
            Instant.parse(exec.path("at").asText()).toEpochMilli() - run.startedAtMillis();
        if (i > 0) { // the first one warms the page cache
          samples.add(millis);
        }
      }
    }
    return List.of("process start to first exec, ms, bound 5000: " + Spread.of(samples));
  }

  /** LISTEN to the first success, and what confirming adds to its two intervals of 200 ms. */
  static List<String> confirmation(Path launcher, Path scratch)
      throws IOException, InterruptedException {
    var firstSuccess = new ArrayList<Double>();
    var added = new ArrayList<Double>();
    try (var run = start(launcher, scratch, "confirmation", 1)) {
      for (int i = 0; i < RESTARTS; i++) {
        double listen = run.await("listen", PATIENCE).path("since_exec_ms").asDouble();
        double success = run.await("first_success", PATIENCE).path("since_exec_ms").asDouble();
        double confirmed = run.await("confirmed", PATIENCE).path("since_exec_ms").asDouble();
        firstSuccess.add(success - listen);
        added.add(confirmed - success - 400);
        run.await("full", PATIENCE);
        run.verb("restart", "confirmation-0");
      }
    }
    return List.of(
        "LISTEN to first success, ms, bound p99 50: " + Spread.of(firstSuccess),
        "confirmation beyond 2 x 200 ms, ms, bound 10: " + Spread.of(added));
  }

  /**
   * The kernel's time of an exec to its line on our end of a pipe, in whole milliseconds: more than
   * what the bound speaks of, which ends in Thaw's own process.
   */
  static List<String> execSeen(Path launcher, Path scratch)
      throws IOException, InterruptedException {
    var samples = new ArrayList<Double>();
    try (var run = start(launcher, scratch, "exec-seen", 1)) {
      for (int i = 0; i < RESTARTS; i++) {
        var exec = run.await("exec", PATIENCE);
        if (i > 0) { // the first comes while Thaw itself is starting
          samples.add(
              (double)
                  (exec.path("seen_ms").asLong()
                      - Instant.parse(exec.path("at").asText()).toEpochMilli()));
        }
        run.await("full", PATIENCE);
        run.verb("restart", "exec-seen-0");
      }
    }
    return List.of("exec to its event at a follower, ms, bound p99 10: " + Spread.of(samples));
  }

  /** Resident set of the whole process once four replicas are full and 10 s have passed. */
  static List<String> memory(Path launcher, Path scratch) throws IOException, InterruptedException {
    try (var run = start(launcher, scratch, "memory", 4)) {
      for (int full = 0; full < 4; full++) {
        run.await("full", Duration.ofMinutes(4));
      }
      var samples = new ArrayList<Double>();
      for (int i = 0; i < 10; i++) {
        Thread.sleep(1000);
        samples.add(run.residentMiB());
      }
      return List.of("RSS with 4 replicas, MiB, bound 350, goal 250: " + Spread.of(samples));
    }
  }

  /** A run of {@code replicas} plain HTTP servers under the default policy, named as given. */
  static ThawProcess start(Path launcher, Path scratch, String name, int replicas)
      throws IOException {
    var arguments =
        new ArrayList<>(
            List.of("--policy", policy(scratch, name).toString(), "--replicas", "" + replicas));
    arguments.addAll(SERVER);
    return ThawProcess.start(launcher, scratch.resolve(name), arguments);
  }

  private static Path policy(Path scratch, String name) throws IOException {
    return Files.writeString(
        scratch.resolve(name + ".yaml"),
        """
        apiVersion: thaw.dev/v1alpha1
        kind: WarmupPolicy
        metadata: { name: %s }
        spec: { service: "127.100.77.1:18080" }
        """
            .formatted(name));
  }
}
