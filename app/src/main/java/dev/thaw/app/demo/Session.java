package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.app.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The demo's stage: a folder, what the service depends on, Prometheus, the users, and {@code thaw
 * run}. Closing it ends and removes all of that. One thread drives it, another may close it.
 */
final class Session implements AutoCloseable {
  static final int WARM = 3;
  static final double RATE = 120;
  static final String USERS = "users";

  /** What makes a replica warm where the policy has no warm-up requests. */
  private static final int ORDERS = 50;

  private static final String INVENTORY = "127.0.0.1:23900";
  private static final String PROMETHEUS = "127.0.0.1:23990";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path home;
  private final Path folder;
  private final Leftovers leftovers;
  private final Processes processes;
  private final Pages pages = new Pages();
  private final ThawRun thaw;
  private boolean closed;

  Session(Path home, Path folder) throws IOException {
    this.home = home;
    this.folder = Files.createDirectories(folder);
    this.leftovers = Leftovers.before();
    this.processes = new Processes(folder);
    this.thaw = new ThawRun(home, folder, processes, Policies.write(folder), replica(), pages);
    fault("none");
  }

  private List<String> replica() throws IOException {
    return List.of(
        "taskset",
        "-c",
        Processes.Place.OTHER_CORES.cores(),
        binary("order-svc"),
        "-listen",
        "{addr}:{port}",
        "-inventory",
        INVENTORY,
        "-fault",
        "@" + folder.resolve("fault"));
  }

  private String binary(String name) {
    return home.resolve("deploy/demo/bin").resolve(name).toString();
  }

  ThawRun thaw() {
    return thaw;
  }

  Pages pages() {
    return pages;
  }

  /** Which build the next replicas are: none, a or b. */
  void fault(String kind) throws IOException {
    Files.writeString(folder.resolve("fault"), kind + "\n");
  }

  /**
   * Starts what all scenes need; ends when all replicas are warm under the users' load. The first
   * one is full by itself, because nothing is warm; the others need not climb here.
   */
  void begin(boolean warmingUp) throws IOException, InterruptedException {
    processes.start(
        "inventory",
        Processes.Place.OTHER_CORES,
        List.of(binary("inventory-svc"), "-listen", INVENTORY));
    prometheus();
    int begin = thaw.events().now();
    thaw.begin(warmingUp, WARM);
    thaw.await(begin, Events.is("full"), 60, "the first replica's full share");
    for (int i = 0; i < WARM; i++) {
      String pod = Policies.NAME + "-" + i;
      thaw.await(
          begin, Events.is(warmingUp ? "warmed" : "confirmed", pod), 60, "a warm start of " + pod);
      JsonNode page = ThawRun.pod(thaw.workload(), pod);
      if (!warmingUp) {
        pages.order(page.path("address").asText(), ORDERS);
      }
      if (page.path("weight").asInt() < 100) {
        thaw.promote(pod);
      }
    }
    users(USERS, RATE, 0);
    rest(3);
    for (JsonNode pod : thaw.workload().path("pods")) {
      if (pod.path("weight").asInt() < 100) {
        throw new IllegalStateException(pod.path("name").asText() + " did not stay warm");
      }
    }
    targets(thaw.workload());
  }

  /** Users until they are stopped; their requests are in {@link #requests}. */
  void users(String name, double rate, int keepAlive) throws IOException {
    processes.start(
        name,
        Processes.Place.FIRST_CORE,
        List.of(
            "nice",
            "-n",
            "-10", // what measures must not wait for what is measured
            "env",
            "GOMAXPROCS=1",
            binary("driver"),
            "-target",
            Policies.SERVICE,
            "-rate",
            Double.toString(rate),
            "-keep-alive",
            Integer.toString(keepAlive),
            "-balance",
            "/sys/fs/bpf/thaw/" + Policies.NAME + "/balance",
            "-out",
            folder.resolve(name + ".csv").toString()));
  }

  void stop(String name) throws InterruptedException {
    processes.stop(name);
  }

  List<Request> requests(String name) throws IOException {
    return Request.read(folder.resolve(name + ".csv"));
  }

  /** A real Prometheus at 1 s; {@link #targets} tells it whom to scrape. */
  private void prometheus() throws IOException {
    writeTargets(List.of());
    Path config =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: { scrape_interval: 1s, scrape_timeout: 900ms }
            scrape_configs:
              - job_name: orders
                scheme: https
                tls_config: { insecure_skip_verify: true }
                file_sd_configs: [ { files: [ "%s" ], refresh_interval: 1s } ]
            """
                .formatted(folder.resolve("targets.json")));
    processes.start(
        "prometheus",
        Processes.Place.FIRST_CORE,
        List.of(
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + folder.resolve("prometheus"),
            "--web.listen-address=" + PROMETHEUS,
            "--log.level=error"));
  }

  /** Prometheus scrapes the replicas of this page from now on. */
  void targets(JsonNode workload) throws IOException {
    var addresses = new ArrayList<String>();
    workload.path("pods").forEach(pod -> addresses.add(pod.path("address").asText()));
    writeTargets(addresses);
  }

  private void writeTargets(List<String> addresses) throws IOException {
    Files.writeString(
        folder.resolve("targets.json"),
        JSON.writeValueAsString(List.of(Map.of("targets", addresses))));
  }

  /** Lets users have so long; nothing runs here meanwhile. */
  static void rest(double seconds) throws InterruptedException {
    Thread.sleep((long) (Math.max(0, seconds) * 1e3));
  }

  /** Ends everything; what a killed Thaw left is cleaned up by Thaw itself. Waits for that. */
  @Override
  public void close() {
    synchronized (leftovers) {
      if (closed) {
        return;
      }
      closed = true;
      processes.close();
      try {
        thaw.cleanUp();
        leftovers.remove();
      } catch (IOException e) {
        System.err.println("thaw: what a killed run left could not be ended: " + e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Copies what processes and replicas have said, and the users' requests. */
  void keepLogs(Path into) throws IOException {
    Files.createDirectories(into);
    for (Path from : List.of(folder, folder.resolve("state/logs"))) {
      if (Files.isDirectory(from)) {
        try (var files = Files.list(from)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            Files.copy(file, into.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }
  }

  /** Removes the folder with all logs. */
  void forget() throws IOException {
    FileTree.delete(folder);
  }
}
