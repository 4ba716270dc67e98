package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Reading;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.CpuStat;
import dev.thaw.bpf.os.ProcStat;
import dev.thaw.bpf.os.Stalls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Reads the counters of a group and its processes while they live; times are CLOCK_MONOTONIC. Owns
 * its thread; {@link #finish} ends it.
 */
final class Meter {
  private static final int EVERY_MILLIS = 20;
  private static final long PAGE = 4096;

  private final Optional<Cgroup> cgroup;
  private final Supplier<List<Integer>> pids;
  private final Map<Integer, ProcStat.Usage> last = new HashMap<>(); // ended ones still count
  private final List<Reading> readings = new ArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "meter");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param pids the processes, asked for anew each time
   */
  Meter(Optional<Cgroup> cgroup, Supplier<List<Integer>> pids) {
    this.cgroup = cgroup;
    this.pids = pids;
  }

  void begin() {
    timer.scheduleAtFixedRate(this::read, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void read() {
    long at = Clocks.monotonicNanos();
    List<Integer> now = pids.get();
    long resident = 0;
    for (int pid : now) {
      Optional<ProcStat.Usage> usage = ProcStat.usage(pid);
      usage.ifPresent(known -> last.put(pid, known));
      resident += usage.map(ProcStat.Usage::residentPages).orElse(0L) * PAGE;
    }
    CpuStat cpu = cgroup.map(Cgroup::cpuStat).orElse(CpuStat.NONE);
    long ticks = last.values().stream().mapToLong(ProcStat.Usage::cpuNanos).sum();
    readings.add(
        new Reading(
            at,
            cpu.usageNanos() == 0 ? ticks : cpu.usageNanos(),
            cpu.throttledNanos(),
            cpu.throttledPeriods(),
            last.values().stream().mapToLong(ProcStat.Usage::minorFaults).sum(),
            last.values().stream().mapToLong(ProcStat.Usage::majorFaults).sum(),
            resident,
            pressure(Stalls.Resource.CPU),
            pressure(Stalls.Resource.MEMORY),
            pressure(Stalls.Resource.IO)));
  }

  /** Of the group where the kernel counts it, else of the machine. */
  private OptionalLong pressure(Stalls.Resource resource) {
    return cgroup
        .flatMap(Cgroup::unifiedFolder)
        .map(folder -> Stalls.ofGroup(folder).get(resource))
        .or(() -> Optional.ofNullable(Stalls.ofMachine().get(resource)))
        .map(stall -> OptionalLong.of(stall.some() * 1_000))
        .orElse(OptionalLong.empty());
  }

  /** A last reading, then all of them. */
  List<Reading> finish() {
    timer.shutdown();
    read();
    synchronized (this) {
      return List.copyOf(readings);
    }
  }
}
