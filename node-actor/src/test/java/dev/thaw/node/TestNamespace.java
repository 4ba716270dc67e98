package dev.thaw.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace of a test's own, joined to ours by a pair of virtual links. Everything in it
 * ends with it.
 */
final class TestNamespace implements AutoCloseable {
  private static final long PID = ProcessHandle.current().pid();

  private final String name = "thaw-test-" + PID;
  private final String link = "tt" + PID % 1_000_000;
  private final List<Process> processes = new ArrayList<>();

  /** The far end, inside. */
  static final String POD = "10.231.97.2";

  private static final String NODE = "10.231.97.1";

  TestNamespace() throws IOException {
    run("ip", "netns", "add", name);
    run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
    run("ip", "addr", "add", NODE + "/30", "dev", link);
    run("ip", "link", "set", link, "up");
    inside("ip", "addr", "add", POD + "/30", "dev", "eth0");
    inside("ip", "link", "set", "eth0", "up");
    inside("ip", "link", "set", "lo", "up");
  }

  private void inside(String... command) throws IOException {
    run(words(command).toArray(String[]::new));
  }

  private List<String> words(String... command) {
    var words = new ArrayList<>(List.of("ip", "netns", "exec", name));
    words.addAll(List.of(command));
    return words;
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  /** Starts a program inside; its pid is that of the process that is returned. */
  Process start(Path log, String... command) throws IOException {
    Process process =
        new ProcessBuilder(words(command))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    processes.add(process);
    return process;
  }

  @Override
  public void close() throws IOException {
    for (Process process : processes) {
      process.destroyForcibly().onExit().join();
    }
    run("ip", "link", "del", link);
    run("ip", "netns", "del", name);
  }
}
