package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Everything the demo runs as processes: the users, what the service depends on, Prometheus, and
 * {@code thaw run}. Whatever it started it ends. One thread drives it, another may close it.
 */
final class Session implements AutoCloseable {
  static final String NAME = "thaw-demo";
  static final String SERVICE = "127.100.0.9:8443";
  private static final String INVENTORY = "127.0.0.1:23900";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path home;
  private final Path folder;
  private final PrintStream people;
  private final HttpClient http;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final List<JsonNode> events = new CopyOnWriteArrayList<>();
  private final long wallOffsetNanos;
  private boolean closed;
  private @Nullable URI admin;

  Session(Path home, Path folder, PrintStream people) throws IOException {
    this.home = home;
    this.folder = Files.createDirectories(folder);
    this.people = people;
    this.http = client();
    Instant now = Instant.now();
    this.wallOffsetNanos =
        now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
    fault("none");
  }

  /** Demo servers show certificates that nobody has signed. */
  private static HttpClient client() {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .sslContext(tls)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException("a JVM without TLS", e);
    }
  }

  private static final class Anybody extends javax.net.ssl.X509ExtendedTrustManager
      implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] c, String t, java.net.Socket s) {}

    @Override
    public void checkServerTrusted(X509Certificate[] c, String t, java.net.Socket s) {}

    @Override
    public void checkClientTrusted(X509Certificate[] c, String t, javax.net.ssl.SSLEngine e) {}

    @Override
    public void checkServerTrusted(X509Certificate[] c, String t, javax.net.ssl.SSLEngine e) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  private String binary(String name) {
    return home.resolve("deploy/demo/bin").resolve(name).toString();
  }

  /** Which build the next replicas are. */
  void fault(String kind) throws IOException {
    Files.writeString(file("fault"), kind + "\n");
  }

  void inventory() throws IOException {
    start("inventory", 1, List.of(binary("inventory-svc"), "-listen", INVENTORY));
  }

  /** The users, until the end of the session; their requests are in {@link #requests}. */
  void users(double rate, int keepAlive, String name) throws IOException {
    start(
        name,
        0,
        List.of(
            "env",
            "GOMAXPROCS=1",
            binary("driver"),
            "-target",
            SERVICE,
            "-rate",
            Double.toString(rate),
            "-keep-alive",
            Integer.toString(keepAlive),
            "-balance",
            "/sys/fs/bpf/thaw/" + NAME + "/balance",
            "-out",
            file(name + ".csv").toString()));
  }

  List<Request> requests(String name) throws IOException {
    return Request.read(file(name + ".csv"));
  }

  /** A real Prometheus at 1 s; {@link #targets} tells it whom to scrape. */
  void prometheus() throws IOException {
    targets(List.of());
    Files.writeString(
        file("prometheus.yml"),
        """
        global: { scrape_interval: 1s, scrape_timeout: 900ms }
        scrape_configs:
          - job_name: orders
            scheme: https
            tls_config: { insecure_skip_verify: true }
            file_sd_configs: [ { files: [ "%s" ], refresh_interval: 1s } ]
        """
            .formatted(file("targets.json")));
    start(
        "prometheus",
        0,
        List.of(
            "prometheus",
            "--config.file=" + file("prometheus.yml"),
            "--storage.tsdb.path=" + file("prometheus"),
            "--web.listen-address=127.0.0.1:23990",
            "--log.level=error"));
  }

  private void targets(List<String> addresses) throws IOException {
    Files.writeString(
        file("targets.json"), JSON.writeValueAsString(List.of(Map.of("targets", addresses))));
  }

  /** {@code thaw run}; with {@code adopt} it goes on with what a killed one left. */
  void thaw(Path policy, int replicas, boolean adopt) throws Exception {
    var words =
        new ArrayList<>(
            List.of(
                home.resolve("bin/thaw").toString(),
                "run",
                "--events",
                "--policy",
                policy.toString(),
                "--state",
                file("state").toString(),
                "--replicas",
                Integer.toString(replicas),
                "--cpu-limit",
                "300m"));
    if (adopt) {
      words.add("--adopt");
    }
    words.addAll(
        List.of(
            "--",
            "taskset",
            "-c",
            others(),
            binary("order-svc"),
            "-listen",
            "{addr}:{port}",
            "-inventory",
            INVENTORY,
            "-fault",
            "@" + file("fault")));
    int before = events.size();
    Process thaw = start("thaw", 0, words);
    var reader = new Thread(() -> read(thaw), "events");
    reader.setDaemon(true);
    reader.start();
    JsonNode started =
        await(before, e -> e.path("event").asText().equals("started"), 30, "started");
    admin = URI.create(started.path("admin").asText());
  }

  private void read(Process thaw) {
    try (BufferedReader lines = thaw.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        events.add(JSON.readTree(line));
        synchronized (events) {
          events.notifyAll();
        }
      }
    } catch (IOException e) {
      if (!closed && thaw.isAlive()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** As a power cut would end it. */
  void killThaw() throws InterruptedException {
    Process thaw = thaw();
    thaw.destroyForcibly();
    thaw.waitFor();
  }

  private Process thaw() {
    return Objects.requireNonNull(processes.get("thaw"), "thaw has not been started");
  }

  /** How many events there have been: where to look from. */
  int now() {
    return events.size();
  }

  List<JsonNode> since(int index) {
    return List.copyOf(events.subList(index, events.size()));
  }

  /** The first event from {@code index} on that matches. */
  JsonNode await(int index, Predicate<JsonNode> wanted, int seconds, String what)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    int at = index;
    while (true) {
      for (; at < events.size(); at++) {
        if (wanted.test(events.get(at))) {
          return events.get(at);
        }
      }
      long left = deadline - System.nanoTime();
      if (left <= 0 || !thaw().isAlive()) {
        throw new IllegalStateException(
            what + " did not come within " + seconds + " s; see " + file("thaw.err"));
      }
      synchronized (events) {
        events.wait(Math.min(200, TimeUnit.NANOSECONDS.toMillis(left) + 1));
      }
    }
  }

  /** CLOCK_MONOTONIC of an event. */
  long nanos(JsonNode event) {
    Instant at = Instant.parse(event.path("at").asText());
    return at.getEpochSecond() * 1_000_000_000L + at.getNano() - wallOffsetNanos;
  }

  /** Waits until users have had so long; nothing runs here meanwhile. */
  void rest(double seconds) throws InterruptedException {
    Thread.sleep((long) (seconds * 1e3));
  }

  JsonNode workload() throws Exception {
    JsonNode workload = get(admin + "/v1/workloads/" + NAME);
    var addresses = new ArrayList<String>();
    workload.path("pods").forEach(pod -> addresses.add(pod.path("address").asText()));
    targets(addresses);
    return workload;
  }

  JsonNode pod(String name) throws Exception {
    return get(admin + "/v1/pods/" + name);
  }

  /** What a replica says of itself; empty when it does not answer. */
  Optional<JsonNode> stats(String address) {
    try {
      return Optional.of(get("https://" + address + "/stats"));
    } catch (IOException | InterruptedException e) {
      return Optional.empty();
    }
  }

  /** Whether a shallow health check passes. */
  boolean healthy(String address) throws InterruptedException {
    try {
      return http.send(
                  HttpRequest.newBuilder(URI.create("https://" + address + "/healthz"))
                      .timeout(Duration.ofSeconds(1))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private JsonNode get(String uri) throws IOException, InterruptedException {
    return JSON.readTree(
        http.send(
                HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(5)).build(),
                HttpResponse.BodyHandlers.ofByteArray())
            .body());
  }

  /** An operator's verb. */
  void verb(String kind, String name, String verb, Map<String, ?> options) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(admin + "/v1/" + kind + "/" + name + "/" + verb))
                .header("Authorization", "Bearer " + Files.readString(file("state/token")).strip())
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(options)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(verb + " " + name + ": " + answer.body());
    }
  }

  void stop(String name) throws InterruptedException {
    Process process = processes.remove(name);
    if (process != null) {
      process.destroy();
      if (!process.waitFor(25, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private static String others() {
    int cores = Runtime.getRuntime().availableProcessors();
    return cores <= 2 ? "1" : "1-" + (cores - 1);
  }

  private Process start(String name, int core, List<String> command) throws IOException {
    var placed = new ArrayList<>(List.of("taskset", "-c", core == 0 ? "0" : others()));
    placed.addAll(command);
    var builder =
        new ProcessBuilder(placed)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(file(name + ".err").toFile()));
    if (!name.equals("thaw")) {
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(file(name + ".out").toFile()));
    }
    synchronized (processes) {
      if (closed) {
        throw new IllegalStateException("the session is closed");
      }
      Process process = builder.start();
      processes.put(name, process);
      return process;
    }
  }

  /** Ends everything; what a killed Thaw left is cleaned up by Thaw itself. */
  @Override
  public void close() {
    synchronized (processes) {
      if (closed) {
        return;
      }
      closed = true;
      for (Process process : processes.values()) {
        process.destroy();
      }
      for (Process process : processes.values()) {
        process.onExit().completeOnTimeout(process, 25, TimeUnit.SECONDS).join();
        process.destroyForcibly();
      }
    }
    try {
      if (Files.exists(file("state/run.json"))) {
        new ProcessBuilder(
                home.resolve("bin/thaw").toString(),
                "run",
                "--cleanup",
                "--policy",
                file("policy-warmup.yaml").toString(),
                "--state",
                file("state").toString(),
                "--restart",
                "never",
                "--",
                "true")
            .redirectErrorStream(true)
            .redirectOutput(file("cleanup.out").toFile())
            .start()
            .waitFor(40, TimeUnit.SECONDS);
      }
    } catch (IOException e) {
      people.println("what a killed run left could not be ended: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
