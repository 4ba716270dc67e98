package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.ProcStat;
import dev.thaw.bpf.os.Spawner;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Starts processes and writes them into the register, so that a successor finds them. Blocking. */
final class ProcessStarter {
  private final ProcessRegister register;
  private final String bootId;

  ProcessStarter(ProcessRegister register, String bootId) {
    this.register = register;
    this.bootId = bootId;
  }

  /**
   * A process that has been started.
   *
   * @param status completes when it has ended; 128 and the signal after an end by signal, as a
   *     shell says it
   */
  record Started(LocalProcess process, CompletionStage<Integer> status) {}

  /**
   * Starts what is wanted in this group.
   *
   * @throws UncheckedIOException when the machine does not let us; then at most its children run
   */
  Started start(StartProcess wanted, TrackPod pod, Optional<Cgroup> group) {
    long before = Clocks.monotonicNanos();
    long logFrom = Path.of(wanted.getLogFile()).toFile().length();
    Process process = spawn(wanted, group);
    try {
      int pid = (int) process.pid();
      long ticks = ProcStat.startTicks(pid).orElse(0);
      var entry =
          new ProcessRegister.Entry(
              wanted.getPodUid(), bootId, pid, ticks, before, wanted.getLogFile(), logFrom);
      register.put(entry);
      return new Started(
          new LocalProcess(pod, entry, group, false),
          process.onExit().thenApply(Process::exitValue));
    } catch (RuntimeException e) {
      process.destroyForcibly(); // or it would run on, and nobody would know of it
      throw e;
    }
  }

  private static Process spawn(StartProcess wanted, Optional<Cgroup> group) {
    try {
      return Spawner.start(
          new Spawner.Command(
              wanted.getCommandList(),
              wanted.getEnvironmentMap(),
              Path.of(wanted.getWorkingDirectory()),
              Path.of(wanted.getLogFile()),
              group));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
