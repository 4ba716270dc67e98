package dev.thaw.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.thaw.bpf.os.LibC;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel's software perf events, opened for a BPF program to sit on. */
final class PerfEvents {
  private static final boolean ARM64 = System.getProperty("os.arch").equals("aarch64");
  private static final int PERF_EVENT_OPEN = ARM64 ? 241 : 298;
  private static final int TYPE_SOFTWARE = 1;
  private static final int CPU_CLOCK = 0;
  private static final int PAGE_FAULTS = 2;
  private static final int SIZE = 64; // PERF_ATTR_SIZE_VER0: every kernel's
  private static final long FREQUENCY = 1L << 10;
  private static final long CLOSE_ON_EXEC = 8;

  private PerfEvents() {}

  /** Such as {@code 0-3,6}, one by one; all known to the JVM when the kernel does not say. */
  static List<Integer> onlineCpus() {
    try {
      return parse(Files.readString(Path.of("/sys/devices/system/cpu/online")).strip());
    } catch (IOException e) {
      return parse("0-" + (Runtime.getRuntime().availableProcessors() - 1));
    }
  }

  static List<Integer> parse(String ranges) {
    var cpus = new ArrayList<Integer>();
    for (String range : ranges.split(",")) {
      String[] ends = range.split("-");
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int cpu = Integer.parseInt(ends[0]); cpu <= last; cpu++) {
        cpus.add(cpu);
      }
    }
    return cpus;
  }

  /** Ticks so often while anything runs on this processor. */
  static int cpuClock(int cpu, int hertz) {
    return open(cpu, CPU_CLOCK, hertz, FREQUENCY);
  }

  /** Every so many page faults on this processor. */
  static int pageFaults(int cpu, int period) {
    return open(cpu, PAGE_FAULTS, period, 0);
  }

  private static int open(int cpu, int kind, long period, long flags) {
    try (var attributes = new Memory(SIZE)) {
      attributes.clear();
      attributes.setInt(0, TYPE_SOFTWARE);
      attributes.setInt(4, SIZE);
      attributes.setLong(8, kind);
      attributes.setLong(16, period);
      attributes.setLong(40, flags);
      long fd =
          LibC.syscall(
              PERF_EVENT_OPEN, Pointer.nativeValue(attributes), -1, cpu, -1, CLOSE_ON_EXEC);
      if (fd < 0) {
        throw new BpfException(
            "perf event on processor %d: %s".formatted(cpu, LibC.message(LibC.errno())));
      }
      return (int) fd;
    }
  }
}
