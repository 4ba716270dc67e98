package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The demo's {@code thaw run}, which dies and is replaced more than once; its replicas live on. One
 * thread drives it; {@link #look} may be asked by another.
 */
final class ThawRun {
  private static final String PROCESS = "thaw";
  private static final int READY_SECONDS = 30;

  private final Path home;
  private final Path state;
  private final Processes processes;
  private final Policies policies;
  private final List<String> command;
  private final Pages pages;
  private final Events events = new Events();
  private boolean warming;
  private volatile String admin = "";

  /**
   * @param home the checkout
   * @param folder of the session; the run's state goes below it
   * @param command what each replica runs
   */
  ThawRun(
      Path home,
      Path folder,
      Processes processes,
      Policies policies,
      List<String> command,
      Pages pages) {
    this.home = home;
    this.state = folder.resolve("state");
    this.processes = processes;
    this.policies = policies;
    this.command = List.copyOf(command);
    this.pages = pages;
  }

  /** Begins with so many cold replicas. */
  void begin(boolean warmingUp, int replicas) throws IOException, InterruptedException {
    warming = warmingUp;
    start(replicas, false);
  }

  /** A successor goes on with what a killed one left. */
  void adopt(int replicas) throws IOException, InterruptedException {
    start(replicas, true);
  }

  /** Goes on under the policy with or without warm-up requests: replicas stay warm. */
  void policy(boolean warmingUp, int replicas) throws IOException, InterruptedException {
    if (warmingUp != warming) {
      kill();
      warming = warmingUp;
      adopt(replicas);
      TimeUnit.SECONDS.sleep(1); // the adopted replicas are probed once
    }
  }

  private void start(int replicas, boolean adopt) throws IOException, InterruptedException {
    var words =
        new ArrayList<>(
            List.of(
                home.resolve("bin/thaw").toString(),
                "run",
                "--events",
                "--policy",
                (warming ? policies.warming() : policies.plain()).toString(),
                "--state",
                state.toString(),
                "--replicas",
                Integer.toString(replicas),
                "--cpu-limit",
                "300m"));
    if (adopt) {
      words.add("--adopt");
    }
    words.add("--");
    words.addAll(command);
    int before = events.now();
    Process process = processes.startReadable(PROCESS, Processes.Place.FIRST_CORE, words);
    events.follow(process.inputReader());
    admin =
        await(before, Events.is("started"), READY_SECONDS, "the start of thaw run")
            .path("admin")
            .asText();
  }

  void kill() throws InterruptedException {
    admin = "";
    processes.kill(PROCESS);
  }

  Events events() {
    return events;
  }

  JsonNode await(int index, Predicate<JsonNode> wanted, int seconds, String what)
      throws InterruptedException {
    return events.await(index, wanted, seconds, () -> processes.alive(PROCESS), what);
  }

  /** The workload with its pods, as the admin API shows it. */
  JsonNode workload() throws IOException, InterruptedException {
    return pages.get(admin + "/v1/workloads/" + Policies.NAME);
  }

  /** The same for whoever only watches; empty while nobody answers. */
  Optional<JsonNode> look() throws InterruptedException {
    if (admin.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(workload());
    } catch (IOException e) {
      return Optional.empty(); // it has been killed meanwhile
    }
  }

  /** One pod with its time line and decisions. */
  JsonNode pod(String name) throws IOException, InterruptedException {
    return pages.get(admin + "/v1/pods/" + name);
  }

  void scale(int replicas) throws IOException, InterruptedException {
    verb("workloads", Policies.NAME, "scale", Map.of("replicas", replicas));
  }

  void verb(String kind, String name, String verb, Map<String, ?> options)
      throws IOException, InterruptedException {
    pages.post(
        admin + "/v1/" + kind + "/" + name + "/" + verb,
        Files.readString(state.resolve("token")).strip(),
        options);
  }

  /** An operator's word that this pod gets its full share, confirmed or not. */
  void promote(String pod) throws IOException, InterruptedException {
    verb("pods", pod, "promote", Map.of("full", true, "force", true));
  }

  /** The pod of this name in a workload's page. */
  static JsonNode pod(JsonNode workload, String name) {
    for (JsonNode pod : workload.path("pods")) {
      if (pod.path("name").asText().equals(name)) {
        return pod;
      }
    }
    throw new IllegalStateException("no pod " + name + " in " + workload.path("name"));
  }

  /** Ends what a killed run left, by Thaw's own means. Nothing else of it may run any more. */
  void cleanUp() throws IOException, InterruptedException {
    if (Files.exists(state.resolve("run.json"))) {
      new ProcessBuilder(
              "setsid",
              "-w",
              home.resolve("bin/thaw").toString(),
              "run",
              "--cleanup",
              "--policy",
              policies.plain().toString(),
              "--state",
              state.toString(),
              "--restart",
              "never",
              "--",
              "true")
          .redirectErrorStream(true)
          .redirectOutput(state.resolveSibling("cleanup.out").toFile())
          .start()
          .waitFor(40, TimeUnit.SECONDS);
    }
  }
}
