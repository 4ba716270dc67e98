package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Spawner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A test with pins, a watched control group and processes of its own. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
abstract class WithWatch {
  private final String name =
      "thaw-test-%s-%d".formatted(getClass().getSimpleName(), ProcessHandle.current().pid());

  @TempDir Path folder;
  final Pins pins = new Pins(Path.of("/sys/fs/bpf", name));
  final Cgroup cgroup = Cgroup.of(CgroupLayout.detect(), name);
  StartupWatch watch;

  @BeforeEach
  void open() {
    cgroup.create();
    watch = StartupWatch.open(pins);
    watch.watch(cgroup.unifiedId(), cgroup.v1Id());
  }

  @AfterEach
  void remove() throws Exception {
    watch.close();
    pins.removeAll();
    for (int pid : cgroup.pids()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    for (int i = 0; i < 200 && !cgroup.delete(); i++) {
      Thread.sleep(10);
    }
  }

  /** A process in the group. */
  Process start(String... words) throws IOException {
    return start(Files.createTempFile(folder, "out", ".log"), words);
  }

  private Process start(Path log, String... words) throws IOException {
    return Spawner.start(
        new Spawner.Command(List.of(words), Map.of(), folder, log, Optional.of(cgroup)));
  }

  /** Runs a program that ends well by itself; the marked functions it entered, in order. */
  List<MarkKind> marksHitBy(Path program) throws IOException, InterruptedException {
    Path log = Files.createTempFile(folder, "out", ".log");
    assertThat(start(log, program.toString()).waitFor()).as(Files.readString(log)).isZero();
    var hit = new ArrayList<MarkKind>();
    while (watch.read(
            Duration.ZERO,
            event -> {
              if (event instanceof KernelEvent.Mark mark) {
                hit.add(mark.kind());
              }
            })
        > 0) {
      continue;
    }
    return hit;
  }
}
