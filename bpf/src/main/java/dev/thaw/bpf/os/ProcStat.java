package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** What {@code /proc/PID/stat} says of a process. */
public final class ProcStat {
  /** One tick of {@link #startTicks}: 1/100 s on every Linux that user space sees. */
  public static final long NANOS_PER_TICK = 10_000_000L;

  private static final int START_TIME_FIELD = 22;

  private ProcStat() {}

  /**
   * When the process began, in ticks since boot; empty when there is none. With the pid it names a
   * process for ever.
   */
  public static OptionalLong startTicks(int pid) {
    try {
      return OptionalLong.of(parseStartTicks(Files.readString(Path.of("/proc/" + pid + "/stat"))));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * What a process has used since it began.
   *
   * @param minorFaults pages it touched that needed no disk
   * @param majorFaults pages that did
   * @param cpuNanos in user mode and in the kernel
   * @param residentPages in memory now
   */
  public record Usage(
      long minorFaults, long majorFaults, long cpuNanos, int threads, long residentPages) {}

  /** Its usage now; empty when there is no such process. */
  public static Optional<Usage> usage(int pid) {
    try {
      return Optional.of(parseUsage(Files.readString(Path.of("/proc/" + pid + "/stat"))));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Usage parseUsage(String stat) {
    String[] after = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
    return new Usage(
        Long.parseLong(after[7]),
        Long.parseLong(after[9]),
        (Long.parseLong(after[11]) + Long.parseLong(after[12])) * NANOS_PER_TICK,
        Integer.parseInt(after[17]),
        Long.parseLong(after[21]));
  }

  /** The command's name may hold blanks and brackets: fields are counted from its last bracket. */
  static long parseStartTicks(String stat) {
    String[] after = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
    return Long.parseLong(after[START_TIME_FIELD - 3]);
  }
}
