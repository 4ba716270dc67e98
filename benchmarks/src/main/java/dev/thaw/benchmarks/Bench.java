package dev.thaw.benchmarks;

import dev.thaw.bpf.Pins;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What one call of the bench owns: its folder and the runs it has started. When the JVM ends, also
 * by Ctrl-C, every run that is alive is ended in order, and what a killed one left is removed.
 */
final class Bench {
  private static final long PATIENCE_SECONDS = 30;

  private final Path launcher;
  private final Path scratch;
  private final Set<ThawProcess> alive = ConcurrentHashMap.newKeySet();
  private final Set<Process> owned = ConcurrentHashMap.newKeySet();
  private final Set<String> names = ConcurrentHashMap.newKeySet();

  /**
   * A new folder below the system's for temporary files.
   *
   * @param launcher {@code bin/thaw}
   */
  Bench(Path launcher) throws IOException {
    this.launcher = launcher;
    this.scratch = Files.createTempDirectory("thaw-bench-");
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "end of the bench"));
  }

  Path launcher() {
    return launcher;
  }

  Path scratch() {
    return scratch;
  }

  /**
   * A run under this policy, which is completed by its head.
   *
   * @param name of the policy, and so of pods, groups and pins
   * @param spec the policy's {@code spec}, as YAML in one line
   * @param arguments what follows {@code --policy}, {@code --state} and {@code --events}
   */
  ThawProcess run(String name, String spec, List<String> arguments) throws IOException {
    Path policy =
        Files.writeString(
            scratch.resolve(name + ".yaml"),
            """
            apiVersion: thaw.dev/v1alpha1
            kind: WarmupPolicy
            metadata: { name: %s }
            spec: %s
            """
                .formatted(name, spec));
    names.add(name);
    return ThawProcess.start(launcher, policy, scratch.resolve(name), arguments, alive);
  }

  /** Another program that must not outlive the bench; it ends in order when it is terminated. */
  Process own(Process program) {
    owned.add(program);
    return program;
  }

  private void end() {
    owned.forEach(Process::destroy);
    List.copyOf(alive).forEach(ThawProcess::close);
    owned.forEach(
        program ->
            program.onExit().completeOnTimeout(program, PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    CgroupLayout layout = CgroupLayout.detect();
    for (String name : names) {
      sweep(layout, name);
    }
  }

  /** After a run that ended in order there is nothing to do. */
  private static void sweep(CgroupLayout layout, String name) {
    Path groups = layout.unified().or(layout::v1Cpu).orElse(Path.of("/")).resolve("thaw/" + name);
    if (!Files.isDirectory(groups)) {
      return;
    }
    try (var pods = Files.list(groups)) {
      for (Path pod : pods.filter(Files::isDirectory).toList()) {
        Cgroup.of(layout, "thaw/" + name + "/" + pod.getFileName()).pids().stream()
            .flatMap(pid -> ProcessHandle.of(pid).stream())
            .forEach(
                process -> {
                  process.destroyForcibly();
                  process.onExit().join();
                });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Cgroup.of(layout, "thaw/" + name).deleteAll();
    Path all = Path.of("/sys/fs/bpf/thaw");
    Path pins = all.resolve(name);
    new Pins(pins.resolve("startup")).removeAll();
    new Pins(pins.resolve("balance")).removeAll();
    new Pins(pins).removeAll();
    if (all.toFile().delete()) { // else another run's are in there
      Cgroup.of(layout, "thaw").delete();
    }
  }

  /** Removes the folder: all went well, and nobody needs its logs. */
  void clean() throws IOException {
    try (var files = Files.walk(scratch)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
