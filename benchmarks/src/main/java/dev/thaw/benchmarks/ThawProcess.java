package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  private final Path launcher;
  private final Path state;
  private final Process process;
  private final long startedAtMillis;
  private volatile boolean closing;
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();

  private ThawProcess(Path launcher, Path state, Process process, long startedAtMillis) {
    this.launcher = launcher;
    this.state = state;
    this.process = process;
    this.startedAtMillis = startedAtMillis;
  }

  /**
   * Starts {@code thaw run} with these arguments behind its own {@code --state} and {@code
   * --events}.
   */
  static ThawProcess start(Path launcher, Path state, List<String> arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(launcher.toString(), "run", "--events", "--state", state.toString()));
    command.addAll(arguments);
    long now = System.currentTimeMillis();
    var process =
        new ProcessBuilder(command)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(
                    state.resolveSibling(state.getFileName() + ".err").toFile()))
            .start();
    var run = new ThawProcess(launcher, state, process, now);
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

  /** Runs an operator's verb against this run; its exit status must be 0. */
  void verb(String... words) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(launcher.toString());
    command.addAll(List.of(words));
    command.addAll(List.of("--state", state.toString()));
    var verb = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(verb.getInputStream().readAllBytes());
    if (verb.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + said);
    }
  }

  /** What {@code thaw why} knows of a pod. */
  JsonNode why(String pod) throws IOException, InterruptedException {
    var asked =
        new ProcessBuilder(
                launcher.toString(), "why", pod, "-o", "json", "--state", state.toString())
            .start();
    byte[] said = asked.getInputStream().readAllBytes();
    if (asked.waitFor() != 0) {
      throw new IllegalStateException("thaw why " + pod + " failed; see " + state + ".err");
    }
    return JSON.readTree(said);
  }

  /** Resident set of the whole process, in MiB. */
  double residentMiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("no VmRSS of pid " + pid());
  }

  /** Ends it as a power cut would: nothing is cleaned up. */
  void kill() throws InterruptedException {
    closing = true;
    process.destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() {
    closing = true;
    process.destroy();
    process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
  }
}
