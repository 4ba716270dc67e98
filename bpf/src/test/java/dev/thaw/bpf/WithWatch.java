package dev.thaw.bpf;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Spawner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    return Spawner.start(
        new Spawner.Command(
            List.of(words),
            Map.of(),
            folder,
            Files.createTempFile(folder, "out", ".log"),
            Optional.of(cgroup)));
  }
}
