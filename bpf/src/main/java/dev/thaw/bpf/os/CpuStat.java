package dev.thaw.bpf.os;

import java.util.List;

/**
 * What a control group has had of the processors.
 *
 * @param usageNanos processor time used; 0 where no file tells
 * @param periods of the CPU limit so far
 * @param throttledPeriods in which the group ran into its limit
 * @param throttledNanos it stood still for that
 */
public record CpuStat(long usageNanos, long periods, long throttledPeriods, long throttledNanos) {

  /** Where nobody counts. */
  public static final CpuStat NONE = new CpuStat(0, 0, 0, 0);

  /** From lines of {@code cpu.stat}: v2 counts microseconds, v1 nanoseconds. */
  static CpuStat parse(List<String> lines) {
    long usage = 0;
    long periods = 0;
    long throttledPeriods = 0;
    long throttled = 0;
    for (String line : lines) {
      int blank = line.indexOf(' ');
      long value = blank < 0 ? 0 : Long.parseLong(line.substring(blank + 1).strip());
      switch (blank < 0 ? "" : line.substring(0, blank)) {
        case "usage_usec" -> usage = value * 1000;
        case "nr_periods" -> periods = value;
        case "nr_throttled" -> throttledPeriods = value;
        case "throttled_usec" -> throttled = value * 1000;
        case "throttled_time" -> throttled = value;
        default -> {}
      }
    }
    return new CpuStat(usage, periods, throttledPeriods, throttled);
  }

  /** Of two hierarchies that each know a part. */
  CpuStat or(CpuStat other) {
    return new CpuStat(
        Math.max(usageNanos, other.usageNanos),
        Math.max(periods, other.periods),
        Math.max(throttledPeriods, other.throttledPeriods),
        Math.max(throttledNanos, other.throttledNanos));
  }
}
