package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kernel's text files, as different kernels write them. */
class ReadingsTest {

  @Test
  void theOldHierarchyCountsThrottledTimeInNanoseconds() {
    var stat =
        CpuStat.parse(List.of("nr_periods 12", "nr_throttled 5", "throttled_time 480000000"));

    assertThat(stat).isEqualTo(new CpuStat(0, 12, 5, 480_000_000));
  }

  @Test
  void cgroup2CountsInMicroseconds() {
    var stat =
        CpuStat.parse(
            List.of(
                "usage_usec 1500",
                "user_usec 1000",
                "nr_periods 3",
                "nr_throttled 1",
                "throttled_usec 70"));

    assertThat(stat).isEqualTo(new CpuStat(1_500_000, 3, 1, 70_000));
  }

  @Test
  void twoHierarchiesCompleteEachOther() {
    assertThat(new CpuStat(7, 0, 0, 0).or(new CpuStat(0, 3, 2, 1)))
        .isEqualTo(new CpuStat(7, 3, 2, 1));
  }

  @Test
  void aNameWithBracketsDoesNotShiftTheFieldsOfAProcess() {
    String stat =
        "42 (a ) b) S 1 42 42 0 -1 4194560 311 0 7 0 3 2 0 0 20 0 9 0 555 1000 77 0 0 0 0 0 0 0 0 0 0";

    assertThat(ProcStat.parseUsage(stat)).isEqualTo(new ProcStat.Usage(311, 7, 50_000_000, 9, 77));
    assertThat(ProcStat.parseStartTicks(stat)).isEqualTo(555);
  }

  @Test
  void theMemoryHierarchyIsFoundAmongTheMounts() {
    assertThat(
            MemoryGroup.v1Root(
                List.of(
                    "30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
                    "31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
                    "32 24 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,memory")))
        .hasValue(Path.of("/sys/fs/cgroup/memory"));
  }
}
