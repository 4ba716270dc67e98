package dev.thaw.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Owns every process the demo starts; whatever it started it ends. Each is the leader of a session
 * of its own, so that a terminal's Ctrl-C reaches the demo alone, which then ends them in order.
 * One thread starts and stops, another may close.
 */
final class Processes implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 25;

  private final Path folder;
  private final Map<String, Process> running = new LinkedHashMap<>();
  private boolean closed;

  Processes(Path folder) {
    this.folder = folder;
  }

  /** Where a process may run: users and Thaw share the first core, replicas have the others. */
  enum Place {
    FIRST_CORE,
    OTHER_CORES;

    /** As {@code taskset} takes them. */
    String cores() throws IOException {
      Cores allowed = Cores.allowed();
      return this == FIRST_CORE ? allowed.first() : allowed.others();
    }
  }

  /** Starts a process whose output goes to files named after it. */
  void start(String name, Place place, List<String> command) throws IOException {
    ProcessBuilder builder = builder(name, place, command);
    builder.redirectOutput(
        ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".out").toFile()));
    launch(name, builder);
  }

  /** Starts a process whose standard output the caller reads. */
  Process startReadable(String name, Place place, List<String> command) throws IOException {
    return launch(name, builder(name, place, command));
  }

  private ProcessBuilder builder(String name, Place place, List<String> command)
      throws IOException {
    var words = new ArrayList<>(List.of("setsid", "taskset", "-c", place.cores()));
    words.addAll(command);
    return new ProcessBuilder(words)
        .directory(folder.toFile())
        .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".err").toFile()));
  }

  private Process launch(String name, ProcessBuilder builder) throws IOException {
    synchronized (running) {
      if (closed) {
        throw new IllegalStateException("the session is closed");
      }
      Process process = builder.start();
      running.put(name, process);
      return process;
    }
  }

  boolean alive(String name) {
    synchronized (running) {
      Process process = running.get(name);
      return process != null && process.isAlive();
    }
  }

  /** As a power cut would end it. */
  void kill(String name) throws InterruptedException {
    Process process;
    synchronized (running) {
      process = Objects.requireNonNull(running.get(name), name + " has not been started");
    }
    process.destroyForcibly().waitFor();
  }

  /** Asks for the end, and makes one of it when that takes too long. */
  void stop(String name) throws InterruptedException {
    Process process;
    synchronized (running) {
      process = running.remove(name);
    }
    if (process != null) {
      process.destroy();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  /** Ends all of them; nothing can be started any more. */
  @Override
  public void close() {
    List<Process> left;
    synchronized (running) {
      closed = true;
      left = List.copyOf(running.values());
      running.clear();
    }
    left.forEach(Process::destroy);
    for (Process process : left) {
      process.onExit().completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
      process.destroyForcibly();
    }
  }
}
