package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** On lines as they were recorded on machines of each kind. */
class CgroupLayoutTest {
  private static final String V2 =
      """
      23 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw
      31 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
      36 30 0:32 / /sys/fs/bpf rw,nosuid,nodev,noexec,relatime shared:12 - bpf bpf rw,mode=700
      """;
  private static final String HYBRID =
      """
      31 23 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs tmpfs ro,mode=755
      32 31 0:29 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate
      33 31 0:30 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:10 - cgroup cgroup rw,xattr,name=systemd
      37 31 0:34 / /sys/fs/cgroup/cpuset rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,cpuset
      38 31 0:35 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:17 - cgroup cgroup rw,cpu,cpuacct
      """;
  private static final String V1 =
      """
      31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
      32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
      """;

  @Example
  void theUnifiedHierarchyHasTheCpuController() {
    CgroupLayout layout = parse(V2, "cpuset cpu io memory hugetlb pids rdma misc\n");

    assertThat(layout.unified()).contains(Path.of("/sys/fs/cgroup"));
    assertThat(layout.v1Cpu()).isEmpty();
    assertThat(layout.unifiedCpu()).isTrue();
  }

  @Example
  void aHybridMachineKeepsCpuInTheFirstHierarchyAndIdsInTheSecond() {
    CgroupLayout layout = parse(HYBRID, "\n");

    assertThat(layout.unified()).contains(Path.of("/sys/fs/cgroup/unified"));
    assertThat(layout.v1Cpu()).contains(Path.of("/sys/fs/cgroup/cpu,cpuacct"));
    assertThat(layout.unifiedCpu()).isFalse();
  }

  @Example
  void anOldMachineHasTheFirstHierarchyAlone() {
    CgroupLayout layout = parse(V1, "");

    assertThat(layout.unified()).isEmpty();
    assertThat(layout.v1Cpu()).contains(Path.of("/sys/fs/cgroup/cpu"));
  }

  @Example
  void cpusetAndCpuacctAreNotTheCpuController() {
    assertThat(parse(V2, "cpuset cpuacct io").unifiedCpu()).isFalse();
    assertThat(parse(HYBRID.lines().limit(4).toList(), "").v1Cpu()).isEmpty();
  }

  @Example
  void ofTwoMountsTheFirstCounts() {
    assertThat(parse(V2 + V2.replace("/sys/fs/cgroup ", "/mnt/again "), "").unified())
        .contains(Path.of("/sys/fs/cgroup"));
  }

  @Example
  void inAContainerItsOwnGroupIsMounted() {
    CgroupLayout layout =
        parse(
            """
            40 39 0:30 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:17 - cgroup cgroup rw,cpu,cpuacct
            41 39 0:29 /system.slice/docker-abc.scope /sys/fs/cgroup/unified ro,nosuid master:9 - cgroup2 cgroup2 rw
            """,
            "");

    assertThat(layout.v1Root()).isEqualTo("/docker/abc");
    assertThat(layout.unifiedRoot()).isEqualTo("/system.slice/docker-abc.scope");
    assertThat(parse(HYBRID, "").v1Root()).isEqualTo("/");
  }

  @Example
  void thisMachineCanBeRead() {
    CgroupLayout layout = CgroupLayout.detect();

    assertThat(layout.unified().isPresent() || layout.v1Cpu().isPresent() || !layout.unifiedCpu())
        .isTrue();
  }

  @Property
  void anyLinesAreReadOrPassedOver(@ForAll List<String> lines, @ForAll String controllers) {
    assertThat(CgroupLayout.parse(lines, controllers)).isNotNull();
  }

  private static CgroupLayout parse(String mountinfo, String controllers) {
    return parse(mountinfo.lines().toList(), controllers);
  }

  private static CgroupLayout parse(List<String> mountinfo, String controllers) {
    return CgroupLayout.parse(mountinfo, controllers);
  }
}
