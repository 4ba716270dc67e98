package dev.thaw.app.trace;

import dev.thaw.app.CpuLimit;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.os.Members;
import dev.thaw.bpf.os.MemoryGroup;
import dev.thaw.bpf.os.Spawner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of the command, in a control group of its own where the machine lets us; ended with all
 * its children by {@link #close}. Any thread.
 */
final class TracedProcess implements AutoCloseable {
  private static final int ROUNDS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Optional<Cgroup> cgroup;
  private final Optional<MemoryGroup> memory;
  private final Path log;
  private volatile @Nullable Process process;

  private TracedProcess(Optional<Cgroup> cgroup, Optional<MemoryGroup> memory, Path log) {
    this.cgroup = cgroup;
    this.memory = memory;
    this.log = log;
  }

  /**
   * Makes the place for a run.
   *
   * @param name of the control group
   * @param groups whether this machine lets us make control groups
   * @throws IOException when a limit cannot be set
   */
  static TracedProcess prepare(
      String name, boolean groups, Optional<CpuLimit> cpu, OptionalLong memoryBytes, Path log)
      throws IOException {
    if (!groups) {
      return new TracedProcess(Optional.empty(), Optional.empty(), log);
    }
    Cgroup cgroup = Cgroup.of(CgroupLayout.detect(), name).create();
    Optional<MemoryGroup> memory =
        memoryBytes.isPresent() ? MemoryGroup.of(name) : Optional.empty();
    try {
      if (memoryBytes.isPresent() && memory.isEmpty()) {
        throw new IOException("a memory limit: this machine has no memory controller");
      }
      cpu.ifPresent(limit -> cgroup.limitCpu(limit.millicores()));
      if (memory.isPresent()) {
        memory.get().limit(memoryBytes.getAsLong());
      }
    } catch (UncheckedIOException | IOException e) {
      cgroup.delete();
      memory.ifPresent(MemoryGroup::delete);
      throw e;
    }
    return new TracedProcess(Optional.of(cgroup), memory, log);
  }

  Optional<Cgroup> cgroup() {
    return cgroup;
  }

  Optional<MemoryGroup> memory() {
    return memory;
  }

  /**
   * Starts the command.
   *
   * @return CLOCK_MONOTONIC just before
   */
  long start(List<String> command, Map<String, String> environment) throws IOException {
    var all = new HashMap<>(environment);
    // Go counts the time of each package's init; other programs do not look at it
    all.merge(
        "GODEBUG", "inittrace=1", (given, more) -> given.isEmpty() ? more : given + "," + more);
    long before = Clocks.monotonicNanos();
    process =
        Spawner.start(
            new Spawner.Command(command, all, Path.of("").toAbsolutePath(), log, cgroup),
            memory.map(MemoryGroup::joinFiles).orElse(List.of()));
    return before;
  }

  Process process() {
    Process started = process;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  /** The command's processes that are still there. */
  List<Integer> pids() {
    if (cgroup.isPresent()) {
      return cgroup.get().pids();
    }
    Process started = process;
    return started == null || !started.isAlive()
        ? List.of()
        : Stream.concat(Stream.of(started.toHandle()), started.descendants())
            .map(handle -> (int) handle.pid())
            .toList();
  }

  /** Asks all of them to end and ends who is left; removes the groups. Blocks for that long. */
  @Override
  public synchronized void close() {
    pids().forEach(pid -> LibC.kill(pid, LibC.SIGTERM));
    awaitEnd();
    kill();
  }

  /** Ends all of them at once, whoever else is about to; removes the groups. */
  void kill() {
    if (cgroup.isPresent()) {
      Cgroup group = cgroup.get();
      boolean over = false;
      for (int i = 0; !over && i < ROUNDS; i++) { // one may join before it is deleted
        over = !Members.end(group, PATIENCE) || group.delete();
      }
    } else {
      pids().forEach(pid -> LibC.kill(pid, LibC.SIGKILL));
      awaitEnd();
    }
    memory.ifPresent(MemoryGroup::delete);
  }

  /** However often it is interrupted: nobody is to run on. */
  private void awaitEnd() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean interrupted = false;
    while (!pids().isEmpty() && System.nanoTime() < deadline) {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
