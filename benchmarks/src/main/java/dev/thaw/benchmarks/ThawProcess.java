package dev.thaw.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * One {@code thaw run --events} as a child process. Every wait is bounded; {@link #close} ends it
 * by SIGTERM, then by SIGKILL. Not thread-safe.
 */
final class ThawProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path state;
  private final Process process;
  private final long startedAtMillis;
  private final Set<ThawProcess> alive;
  private final HttpClient http = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
  private volatile boolean closing;

  private ThawProcess(Path state, Process process, long startedAtMillis, Set<ThawProcess> alive) {
    this.state = state;
    this.process = process;
    this.startedAtMillis = startedAtMillis;
    this.alive = alive;
  }

  /**
   * Starts {@code thaw run} in a session of its own: a terminal's Ctrl-C must not reach it beside
   * our signal, for two of them mean "at once".
   *
   * @param alive where it is kept until it is over
   */
  static ThawProcess start(
      Path launcher, Path policy, Path state, List<String> arguments, Set<ThawProcess> alive)
      throws IOException {
    var command = new ArrayList<>(List.of("setsid", launcher.toString(), "run", "--events"));
    command.addAll(List.of("--policy", policy.toString(), "--state", state.toString()));
    command.addAll(arguments);
    var builder =
        new ProcessBuilder(command)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(
                    state.resolveSibling(state.getFileName() + ".err").toFile()));
    long now = System.currentTimeMillis();
    var run = new ThawProcess(state, builder.start(), now, alive);
    alive.add(run);
    var reader = new Thread(run::read, "events of " + state.getFileName());
    reader.setDaemon(true);
    reader.start();
    return run;
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        events.add(((ObjectNode) JSON.readTree(line)).put("seen_ms", System.currentTimeMillis()));
      }
    } catch (IOException e) {
      if (!closing) { // else its end has closed the stream under us
        throw new UncheckedIOException(e);
      }
    }
  }

  /** When the process was started, milliseconds of the wall clock. */
  long startedAtMillis() {
    return startedAtMillis;
  }

  long pid() {
    return process.pid();
  }

  /** Waits for the next event that matches and drops those before it. */
  JsonNode await(Predicate<JsonNode> wanted, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    for (; ; ) {
      JsonNode event = events.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw new IllegalStateException(
            "the awaited event did not come within " + limit + "; see " + state + ".err");
      }
      if (wanted.test(event)) {
        return event;
      }
    }
  }

  /** Waits for the next event of this name. */
  JsonNode await(String name, Duration limit) throws InterruptedException {
    return await(e -> e.path("event").asText().equals(name), limit);
  }

  /**
   * Says an operator's verb to the admin API, without the start of another JVM beside the run.
   *
   * @param path such as {@code pods/hello-1/abort}
   * @throws IllegalStateException when it is refused
   */
  void verb(String path, String options) throws IOException, InterruptedException {
    ask(
        request(path)
            .header("Authorization", "Bearer " + Files.readString(state.resolve("token")).strip())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(options)));
  }

  /** Reads a page of the admin API, such as {@code pods/hello-1}. */
  JsonNode page(String path) throws IOException, InterruptedException {
    return ask(request(path).GET());
  }

  private HttpRequest.Builder request(String path) throws IOException {
    String admin = JSON.readTree(state.resolve("admin.json").toFile()).path("url").asText();
    return HttpRequest.newBuilder(URI.create(admin + "/v1/" + path))
        .timeout(Duration.ofSeconds(15));
  }

  private JsonNode ask(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpRequest built = request.build();
    var answer = http.send(built, HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(built.uri() + ": " + new String(answer.body(), UTF_8));
    }
    return JSON.readTree(answer.body());
  }

  /**
   * Resident memory of the whole process, in MiB.
   *
   * @param line of {@code /proc/PID/status}: {@code VmRSS} now, {@code VmHWM} at most so far
   */
  double residentMiB(String line) throws IOException {
    for (String each : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
      if (each.startsWith(line + ":")) {
        return Long.parseLong(each.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("no " + line + " of pid " + pid());
  }

  /** Ends it as a power cut would: nothing is cleaned up. */
  void kill() throws InterruptedException {
    closing = true;
    process.destroyForcibly();
    process.waitFor();
    alive.remove(this);
  }

  @Override
  public void close() {
    closing = true;
    process.destroy();
    process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
    alive.remove(this);
  }
}
