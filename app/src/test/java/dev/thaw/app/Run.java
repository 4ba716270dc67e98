package dev.thaw.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** One {@code thaw} process of a test, as a user would start it. */
final class Run implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_SECONDS = 60;

  private final Process process;
  private final Path errors;
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
  private final List<JsonNode> seen = new ArrayList<>();
  private final List<String> strays = new CopyOnWriteArrayList<>();

  private Run(Process process, Path errors, boolean follow) {
    this.process = process;
    this.errors = errors;
    if (follow) {
      var reader = new Thread(this::read, "events");
      reader.setDaemon(true);
      reader.start();
    }
  }

  /** Starts {@code thaw run --events}. */
  static Run start(Path folder, String... arguments) throws IOException {
    return startBy(List.of(), System.getProperty("java.class.path"), folder, arguments);
  }

  /** What a command that ends by itself has said, both ways, and its exit code. */
  record Ended(int code, String said) {}

  /** Runs a command to its end. */
  static Ended of(String... words) throws Exception {
    Process process = new ProcessBuilder(command(List.of(words))).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("did not end: " + said);
    }
    return new Ended(process.exitValue(), said);
  }

  /**
   * Starts {@code thaw run --events} by way of this command, such as one that takes rights away.
   */
  static Run startBy(List<String> by, String classPath, Path folder, String... arguments)
      throws IOException {
    var words = new ArrayList<>(by);
    var run = new ArrayList<>(List.of("run", "--events"));
    run.addAll(List.of(arguments));
    words.addAll(command(run, classPath));
    Path errors = Files.createTempFile(folder, "run", ".err");
    return new Run(new ProcessBuilder(words).redirectError(errors.toFile()).start(), errors, true);
  }

  /** The words that start {@code thaw} with these. */
  static List<String> command(List<String> words) {
    return command(words, System.getProperty("java.class.path"));
  }

  private static List<String> command(List<String> words, String classPath) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                classPath,
                "dev.thaw.app.Main"));
    command.addAll(words);
    return command;
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        try {
          events.add(JSON.readTree(line));
        } catch (JsonProcessingException e) {
          strays.add(line);
        }
      }
    } catch (IOException e) {
      // the process is gone: the end of its output
    }
  }

  /** The next event of this kind about this pod ("" for any), or a failure that says all. */
  JsonNode await(String kind, String pod) throws Exception {
    return await(
        event ->
            event.path("event").asText().equals(kind)
                && (pod.isEmpty() || event.path("pod").asText().equals(pod)),
        kind + " of " + pod);
  }

  JsonNode await(Predicate<JsonNode> wanted, String what) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
    for (; ; ) {
      JsonNode event = events.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw new AssertionError(
            "no " + what + "; seen: " + seen + "; said: " + Files.readString(errors));
      }
      seen.add(event);
      if (wanted.test(event)) {
        return event;
      }
    }
  }

  /** Every event of this kind so far. */
  List<JsonNode> seen(String kind) {
    events.drainTo(seen);
    return seen.stream().filter(event -> event.path("event").asText().equals(kind)).toList();
  }

  /** What was on its stdout and is no JSON. */
  List<String> strays() {
    return strays;
  }

  long pid() {
    return process.pid();
  }

  /** Presses Ctrl-C. */
  void interrupt() throws Exception {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  /** Returns once it has said this to people. */
  void awaitSaid(String text) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
    while (!said().contains(text)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("never said " + text + ": " + said());
      }
      Thread.sleep(20);
    }
  }

  String said() throws IOException {
    return Files.readString(errors);
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Asks for the end as Ctrl-C's sibling SIGTERM does. */
  int end() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("it did not end");
    }
    return process.exitValue();
  }

  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("it did not end by itself");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, LONGEST_SECONDS, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }
}
