package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.bpf.os.LibC;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code thaw trace} or {@code experiment} as a user starts it, with the heap that a user's has.
 */
final class Thaw {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_SECONDS = 120;
  private static final int SIGINT = 2;

  private final List<String> words = new ArrayList<>();

  private Thaw() {
    words.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.thaw.app.Main"));
  }

  /** A trace whose files go into this folder. */
  static Thaw trace(Path out) {
    return new Thaw().with("trace", "--out", out.toString());
  }

  static Thaw experiment(Path out) {
    return new Thaw().with("experiment", "--out", out.toString());
  }

  Thaw with(String... options) {
    words.addAll(List.of(options));
    return this;
  }

  /** As a user who may nothing. */
  Thaw withoutRights() {
    words.addAll(0, List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
    return this;
  }

  /** Runs it around this command to its end. */
  Ended of(Object... command) throws Exception {
    return begin(command).awaitEnd();
  }

  /** Starts it around this command. */
  Running begin(Object... command) throws IOException {
    words.add("--");
    Stream.of(command).map(Object::toString).forEach(words::add);
    return new Running(new ProcessBuilder(words).redirectErrorStream(true).start());
  }

  /** What a command said, both ways, and its exit code. */
  record Ended(int code, String said) {
    /** Fails, with what was said, unless it ended so. */
    Ended with(int expected) {
      assertThat(code).as(said).isEqualTo(expected);
      return this;
    }
  }

  /** One that has not ended yet. */
  static final class Running {
    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringBuilder said = new StringBuilder();
    private final Thread reader = new Thread(this::read, "output");

    private Running(Process process) {
      this.process = process;
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          synchronized (said) {
            said.append(line).append('\n');
          }
          lines.add(line);
        }
      } catch (IOException e) {
        return; // it was killed
      }
    }

    /** The next line with this in it. */
    String awaitLine(String part) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
      String line = "";
      while (line != null) {
        line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line != null && line.contains(part)) {
          return line;
        }
      }
      process.destroyForcibly();
      throw new AssertionError("\"" + part + "\" was not said, but: " + said());
    }

    void interrupt() {
      LibC.kill((int) process.pid(), SIGINT);
    }

    long pid() {
      return process.pid();
    }

    boolean isAlive() {
      return process.isAlive();
    }

    Ended awaitEnd() throws InterruptedException {
      return awaitEnd(LONGEST_SECONDS);
    }

    Ended awaitEnd(int seconds) throws InterruptedException {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("did not end within " + seconds + " s: " + said());
      }
      reader.join();
      return new Ended(process.exitValue(), said());
    }

    private String said() {
      synchronized (said) {
        return said.toString();
      }
    }
  }

  /** A file that it wrote. */
  static JsonNode json(Path file) throws IOException {
    return JSON.readTree(file.toFile());
  }

  /** What is in {@code start.json}. */
  record Told(JsonNode json) {
    static Told in(Path folder) throws IOException {
      return new Told(Thaw.json(folder.resolve("start.json")));
    }

    JsonNode at(String pointer) {
      return json.at(pointer);
    }

    List<String> steps() {
      return names("/start/steps");
    }

    /** When a step was, in nanoseconds since exec. */
    long step(String name) {
      return named("/start/steps", name).path("at").asLong();
    }

    /** The duration of a package's init, in nanoseconds. */
    long init(String name) {
      return named("/start/packages", name).path("duration").asLong();
    }

    List<String> names(String pointer) {
      var names = new ArrayList<String>();
      at(pointer).forEach(each -> names.add(each.path("name").asText()));
      return names;
    }

    List<String> texts(String pointer) {
      var texts = new ArrayList<String>();
      at(pointer).forEach(each -> texts.add(each.asText()));
      return texts;
    }

    private JsonNode named(String pointer, String name) {
      for (JsonNode each : at(pointer)) {
        if (each.path("name").asText().equals(name)) {
          return each;
        }
      }
      throw new AssertionError(name + " is not among " + at(pointer));
    }
  }
}
