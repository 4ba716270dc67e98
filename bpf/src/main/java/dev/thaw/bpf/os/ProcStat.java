package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** The command's name may hold blanks and brackets: fields are counted from its last bracket. */
  static long parseStartTicks(String stat) {
    String[] after = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
    return Long.parseLong(after[START_TIME_FIELD - 3]);
  }
}
