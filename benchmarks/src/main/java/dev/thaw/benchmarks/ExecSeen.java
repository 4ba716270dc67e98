package dev.thaw.benchmarks;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.Pins;
import dev.thaw.bpf.StartupWatch;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.Spawner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The kernel's time of an exec to the moment its event is in Java, both on CLOCK_MONOTONIC, with
 * the product's own reader on an otherwise idle machine.
 */
final class ExecSeen {
  private static final int EXECS = 300;
  private static final int WARM_UP = 20;
  private static final Duration READ = Duration.ofMillis(100);
  private static final String NAME = "thaw/bench-exec-seen";
  private static final String LOOP =
      "i=0; while [ $i -lt %d ]; do /bin/true; sleep 0.02; i=$((i+1)); done"
          .formatted(EXECS + WARM_UP);

  private ExecSeen() {}

  static List<Figure> inJava(Bench bench) throws IOException, InterruptedException {
    var pins = new Pins(Path.of("/sys/fs/bpf/thaw/bench-exec-seen"));
    Cgroup group = Cgroup.of(CgroupLayout.detect(), NAME).create();
    try (var watch = StartupWatch.open(pins)) {
      watch.watch(group.unifiedId(), group.v1Id());
      return List.of(
          Figure.shown(
                  "exec-seen",
                  "exec in the kernel to its event in Java",
                  "ms",
                  seen(bench, watch, group))
              .bound(Figure.Statistic.P99, 10));
    } finally {
      pins.removeAll();
      group.delete();
    }
  }

  private static Spread.Summary seen(Bench bench, StartupWatch watch, Cgroup group)
      throws IOException, InterruptedException {
    var samples = new ArrayList<Double>();
    Process loop =
        Spawner.start(
            new Spawner.Command(
                List.of("/bin/sh", "-c", LOOP),
                Map.of(),
                bench.scratch(),
                bench.scratch().resolve("exec-seen.log"),
                Optional.of(group)));
    try {
      while (loop.isAlive()) {
        watch.read(
            READ,
            event -> {
              if (event instanceof KernelEvent.Exec exec && exec.path().endsWith("/true")) {
                samples.add((Clocks.monotonicNanos() - exec.atNanos()) / 1e6);
              }
            });
      }
    } finally {
      loop.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
    return Spread.of(samples.subList(Math.min(WARM_UP, samples.size()), samples.size())).summary();
  }
}
