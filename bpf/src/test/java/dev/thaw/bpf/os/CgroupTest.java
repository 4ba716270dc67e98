package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written where, in folders that stand in for the kernel's: v2, v1 and both. */
class CgroupTest {
  private static final String NAME = "thaw/orders/orders-0";

  @TempDir Path root;
  private Path unified;
  private Path cpu;

  @BeforeEach
  void makeTheHierarchies() throws IOException {
    unified = Files.createDirectories(root.resolve("unified"));
    cpu = Files.createDirectories(root.resolve("cpu"));
  }

  @Test
  void inV2ALimitIsQuotaAndPeriodInOneFileAndTheControllerIsHandedDown() {
    Cgroup group = Cgroup.of(v2(), NAME).create();

    group.limitCpu(300);

    assertThat(unified.resolve(NAME).resolve("cpu.max")).hasContent("30000 100000");
    for (String above : List.of("", "thaw", "thaw/orders")) {
      assertThat(unified.resolve(above).resolve("cgroup.subtree_control")).hasContent("+cpu");
    }
    assertThat(unified.resolve(NAME).resolve("cgroup.subtree_control")).doesNotExist();
    assertThat(cpu).isEmptyDirectory();
  }

  @Test
  void inV1ALimitIsTwoFiles() {
    Cgroup group = Cgroup.of(v1(), NAME).create();

    group.limitCpu(1500);

    assertThat(cpu.resolve(NAME).resolve("cpu.cfs_quota_us")).hasContent("150000");
    assertThat(cpu.resolve(NAME).resolve("cpu.cfs_period_us")).hasContent("100000");
    assertThat(unified).isEmptyDirectory();
  }

  @Test
  void onAHybridMachineTheLimitIsInV1AndTheGroupInBoth() {
    Cgroup group = Cgroup.of(hybrid(), NAME).create();

    group.limitCpu(300);

    assertThat(cpu.resolve(NAME).resolve("cpu.cfs_quota_us")).hasContent("30000");
    assertThat(unified.resolve(NAME)).isEmptyDirectory();
    assertThat(group.joinFiles())
        .containsExactly(
            unified.resolve(NAME).resolve("cgroup.procs"),
            cpu.resolve(NAME).resolve("cgroup.procs"));
    assertThat(group.unifiedId()).isPositive().isNotEqualTo(group.v1Id());
    assertThat(group.v1Id()).isPositive();
  }

  @Test
  void aHierarchyThatIsNotThereHasNoId() {
    assertThat(Cgroup.of(v2(), NAME).create().v1Id()).isZero();
    assertThat(Cgroup.of(v1(), NAME).create().unifiedId()).isZero();
    assertThat(Cgroup.of(v2(), "never-made").unifiedId()).isZero();
  }

  @Test
  void itsProcessesAreThoseOfBothHierarchies() throws IOException {
    Cgroup group = Cgroup.of(hybrid(), NAME).create();
    Files.writeString(unified.resolve(NAME).resolve("cgroup.procs"), "7\n40\n");
    Files.writeString(cpu.resolve(NAME).resolve("cgroup.procs"), "40\n9\n");

    assertThat(group.pids()).containsExactly(7, 9, 40);
    assertThat(Cgroup.of(hybrid(), "never-made").pids()).isEmpty();
  }

  @Test
  void aGroupKnowsItsContainerByWhatIsMountedAndByItsName() {
    String id = "0123456789abcdef".repeat(4);
    var inDocker =
        new CgroupLayout(Optional.of(unified), Optional.of(cpu), false, "/", "/docker/" + id);

    assertThat(Cgroup.of(inDocker, NAME).container())
        .contains(new ContainerCgroup(id, "docker", ""));
    assertThat(Cgroup.of(v2(), "system.slice/docker-" + id + ".scope").container())
        .contains(new ContainerCgroup(id, "docker", ""));
    assertThat(Cgroup.of(hybrid(), NAME).container()).isEmpty();
  }

  @Test
  void aProcessOfAnotherPidNamespaceHasNoPidThatASignalMayGoTo() throws IOException {
    Cgroup group = Cgroup.of(v2(), NAME).create();
    Files.writeString(unified.resolve(NAME).resolve("cgroup.procs"), "0\n12\n0\n");

    assertThat(group.pids()).containsExactly(12);
  }

  @Test
  void groupsInUseStayAndAreNamed() throws IOException {
    Cgroup.of(hybrid(), "thaw/orders/idle").create();
    Cgroup.of(hybrid(), "thaw/orders/busy").create();
    Path used = cpu.resolve("thaw/orders/busy");
    Files.writeString(used.resolve("cgroup.procs"), "7\n"); // a folder that cannot be removed

    List<Path> busy = Cgroup.of(hybrid(), "thaw/orders").deleteAll();

    assertThat(busy).containsExactly(used, cpu.resolve("thaw/orders"));
    assertThat(unified.resolve("thaw/orders")).doesNotExist();
    assertThat(cpu.resolve("thaw/orders/idle")).doesNotExist();
  }

  @Test
  void whereNothingMayBeMadeTheFolderIsNamed() throws IOException {
    Files.writeString(unified.resolve("thaw"), "in the way");

    assertThatThrownBy(() -> Cgroup.of(v2(), NAME).create())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(unified.resolve("thaw").toString());
  }

  private CgroupLayout v2() {
    return new CgroupLayout(Optional.of(unified), Optional.empty(), true);
  }

  private CgroupLayout v1() {
    return new CgroupLayout(Optional.empty(), Optional.of(cpu), false);
  }

  private CgroupLayout hybrid() {
    return new CgroupLayout(Optional.of(unified), Optional.of(cpu), false);
  }
}
