package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Spawner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a killed trace leaves, and that the next one ends it. */
class DeadTracesIT {
  @TempDir Path folder;
  private final CgroupLayout layout = CgroupLayout.detect();

  @BeforeEach
  void needsControlGroups() {
    if (!BpfSupport.check(Optional.empty()).limits()) {
      if ("1".equals(System.getenv("THAW_REQUIRE_BPF"))) {
        fail("no control groups");
      }
      abort("no control groups");
    }
  }

  @Test
  void theCommandOfADeadTraceIsEndedAndThatOfALivingOneIsNot() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    Cgroup left = Cgroup.of(layout, DeadTraces.name(dead.pid(), 1)).create();
    Cgroup alive = Cgroup.of(layout, DeadTraces.name(ProcessHandle.current().pid(), 77)).create();
    Process orphan = sleeper(left);
    Process traced = sleeper(alive);
    try {
      assertThat(DeadTraces.sweep())
          .contains(DeadTraces.name(dead.pid(), 1))
          .doesNotContain(DeadTraces.name(ProcessHandle.current().pid(), 77));

      assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(left.joinFiles()).noneMatch(Files::exists);
      assertThat(traced.isAlive()).isTrue();
    } finally {
      traced.destroyForcibly().waitFor();
      orphan.destroyForcibly().waitFor();
      left.delete();
      alive.delete();
    }
  }

  /** Returns once it has joined its group. */
  private Process sleeper(Cgroup group) throws Exception {
    Path said = folder.resolve("said");
    Files.deleteIfExists(said);
    Process process =
        Spawner.start(
            new Spawner.Command(
                List.of("sh", "-c", "echo here; exec sleep 600"),
                Map.of(),
                folder,
                said,
                Optional.of(group)));
    while (process.isAlive() && (!Files.exists(said) || Files.size(said) == 0)) {
      Thread.onSpinWait();
    }
    return process;
  }
}
