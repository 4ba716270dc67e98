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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("root")
@ExtendWith(NeedsKernel.class)
class StopOnExecIT {
  private static final long ME = ProcessHandle.current().pid();

  @TempDir Path folder;
  private final Pins pins = new Pins(Path.of("/sys/fs/bpf/thaw-test-stop-" + ME));
  private final Cgroup cgroup = Cgroup.of(CgroupLayout.detect(), "thaw-test-stop-" + ME);
  private Path program;

  @BeforeEach
  void begin() throws Exception {
    cgroup.create();
    program = GoPrograms.build(folder, "program", "-ldflags=-s -w");
  }

  @AfterEach
  void remove() throws Exception {
    pins.removeAll();
    for (int i = 0; i < 200 && !cgroup.delete(); i++) {
      Thread.sleep(10);
    }
  }

  @Test
  void theFirstStartOfAnUnseenImageLacksNoMark() throws Exception {
    var seen = new ArrayList<KernelEvent>();
    try (var watch = StartupWatch.open(pins);
        var stops = StopOnExec.open(pins, watch)) {
      watch.watch(cgroup.unifiedId(), cgroup.v1Id());
      for (int i = 0; i < 10; i++) {
        Path unseen = Files.copy(program, folder.resolve("unseen-" + i));
        watch.alive();
        Process process = start(unseen);
        while (seen.stream().filter(KernelEvent.Exit.class::isInstance).count() <= i) {
          readAsAnAgent(watch, stops, seen);
        }
        assertThat(process.waitFor()).isZero();
      }
    }

    assertThat(seen).filteredOn(KernelEvent.Stopped.class::isInstance).hasSize(10);
    assertThat(seen).filteredOn(KernelEvent.Mark.class::isInstance).hasSize(30);
  }

  @Test
  void anImageThatWasLookedAtIsNotStoppedAgain() throws Exception {
    try (var watch = StartupWatch.open(pins);
        var stops = StopOnExec.open(pins, watch)) {
      watch.watch(cgroup.unifiedId(), cgroup.v1Id());
      watch.alive();
      start(program);
      var seen = new ArrayList<KernelEvent>();
      while (seen.stream().noneMatch(KernelEvent.Stopped.class::isInstance)) {
        watch.read(Duration.ofMillis(100), seen::add);
      }
      seen.stream()
          .filter(KernelEvent.Stopped.class::isInstance)
          .forEach(event -> stops.goOn(((KernelEvent.Stopped) event).exec()));

      watch.alive();
      assertThat(start(program).waitFor()).isZero();

      watch.read(Duration.ofMillis(100), seen::add);
      assertThat(seen).filteredOn(KernelEvent.Stopped.class::isInstance).hasSize(1);
    }
  }

  @Test
  void anImageThatWasOverwrittenIsStoppedAgain() throws Exception {
    var seen = new ArrayList<KernelEvent>();
    byte[] other = Files.readAllBytes(GoPrograms.build(folder, "other"));
    Path image = Files.copy(program, folder.resolve("image"));
    try (var watch = StartupWatch.open(pins);
        var stops = StopOnExec.open(pins, watch)) {
      watch.watch(cgroup.unifiedId(), cgroup.v1Id());
      for (int i = 0; i < 2; i++) {
        watch.alive();
        Process process = start(image);
        while (seen.stream().filter(KernelEvent.Exit.class::isInstance).count() <= i) {
          readAsAnAgent(watch, stops, seen);
        }
        assertThat(process.waitFor()).isZero(); // until then the file is busy
        Files.write(image, other);
        watch.dropChanged();
      }
    }

    assertThat(seen).filteredOn(KernelEvent.Stopped.class::isInstance).hasSize(2);
    assertThat(seen).filteredOn(KernelEvent.Mark.class::isInstance).hasSize(6);
  }

  /** Nobody holds a file without marks. */
  @Test
  void whatCarriedNoMarksIsStoppedAgainWhenItWasOverwritten() throws Exception {
    var seen = new ArrayList<KernelEvent>();
    Path image = Files.copy(Path.of("/bin/true"), folder.resolve("image"));
    try (var watch = StartupWatch.open(pins);
        var stops = StopOnExec.open(pins, watch)) {
      watch.watch(cgroup.unifiedId(), cgroup.v1Id());
      for (int i = 0; i < 3; i++) {
        watch.alive();
        Process process = start(image);
        while (seen.stream().filter(KernelEvent.Exit.class::isInstance).count() <= i) {
          readAsAnAgent(watch, stops, seen);
        }
        assertThat(process.waitFor()).isZero(); // until then the file is busy
        if (i == 1) {
          Files.write(image, Files.readAllBytes(program));
        }
      }
    }

    assertThat(seen).filteredOn(KernelEvent.Stopped.class::isInstance).hasSize(2);
    assertThat(seen).filteredOn(KernelEvent.Mark.class::isInstance).hasSize(3);
  }

  /** Its marks were taken off when the next agent began. */
  @Test
  void whatAPredecessorHadLookedAtIsStoppedAgain() throws Exception {
    var seen = new ArrayList<KernelEvent>();
    for (int i = 0; i < 2; i++) {
      try (var watch = StartupWatch.open(pins);
          var stops = StopOnExec.open(pins, watch)) {
        watch.watch(cgroup.unifiedId(), cgroup.v1Id());
        watch.alive();
        Process process = start(program);
        while (seen.stream().filter(KernelEvent.Exit.class::isInstance).count() <= i) {
          readAsAnAgent(watch, stops, seen);
        }
        assertThat(process.waitFor()).isZero();
      }
    }

    assertThat(seen).filteredOn(KernelEvent.Stopped.class::isInstance).hasSize(2);
    assertThat(seen).filteredOn(KernelEvent.Mark.class::isInstance).hasSize(6);
  }

  @Test
  void withoutASignOfLifeNobodyIsStopped() throws Exception {
    try (var watch = StartupWatch.open(pins);
        var stops = StopOnExec.open(pins, watch)) {
      watch.watch(cgroup.unifiedId(), cgroup.v1Id());

      assertThat(start(program).waitFor()).isZero();

      var seen = new ArrayList<KernelEvent>();
      watch.read(Duration.ofMillis(100), seen::add);
      assertThat(seen).noneMatch(KernelEvent.Stopped.class::isInstance).isNotEmpty();
      assertThat(stops).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(StoppingAgent.Point.class)
  void whereverTheAgentDiesOrHangsTheProcessGoesOn(StoppingAgent.Point point) throws Exception {
    Process agent = agent(point);
    try {
      Process process = start(program);

      assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(process.exitValue()).isZero();
      if (point != StoppingAgent.Point.NEVER && point != StoppingAgent.Point.HUNG) {
        assertThat(agent.waitFor(10, TimeUnit.SECONDS)).as("the agent was there").isTrue();
      }
      assertThat(start(program).waitFor(10, TimeUnit.SECONDS)).as("the next too").isTrue();
    } finally {
      agent.destroyForcibly().waitFor();
    }
  }

  /** Kills fall before, within and after the stop of an image that the agent has not seen. */
  @Test
  void wheneverItIsKilledTheProcessGoesOn() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      Path unseen = Files.copy(program, folder.resolve("unseen-" + i));
      Process agent = agent(StoppingAgent.Point.NEVER);

      Process process = start(unseen);
      Thread.sleep(random.nextInt(25));
      agent.destroyForcibly();

      assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("round %d, seed %d", i, seed).isTrue();
      agent.waitFor();
    }
  }

  /** The kernel would know it by another pid, and not see it die. */
  @Test
  void inAPidNamespaceOfItsOwnAnAgentIsRefused() throws Exception {
    var agent =
        spawn(List.of("unshare", "--pid", "--fork", "--mount-proc"), StoppingAgent.Point.NEVER);
    try {
      assertThat(agent.inputReader().readLine())
          .contains("this is not the machine's own pid namespace");
    } finally {
      agent.descendants().forEach(ProcessHandle::destroyForcibly);
      agent.destroyForcibly().waitFor();
    }
  }

  private Process agent(StoppingAgent.Point point) throws IOException {
    Process agent = spawn(List.of(), point);
    assertThat(agent.inputReader().readLine()).isEqualTo("ready");
    return agent;
  }

  private Process spawn(List<String> within, StoppingAgent.Point point) throws IOException {
    var words = new ArrayList<>(within);
    words.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            StoppingAgent.class.getName(),
            pins.folder().toString(),
            Long.toString(cgroup.unifiedId()),
            Long.toString(cgroup.v1Id()),
            point.name()));
    return new ProcessBuilder(words).redirectErrorStream(true).start();
  }

  private Process start(Path command) throws IOException {
    return Spawner.start(
        new Spawner.Command(
            List.of(command.toString()),
            Map.of(),
            folder,
            Files.createTempFile(folder, "out", ".log"),
            Optional.of(cgroup)));
  }

  /** Looks at whatever is stopped, and lets it go on. */
  private static void readAsAnAgent(StartupWatch watch, StopOnExec stops, List<KernelEvent> seen) {
    watch.alive();
    watch.read(
        Duration.ofMillis(100),
        event -> {
          seen.add(event);
          if (event instanceof KernelEvent.Stopped stopped) {
            watch.attachMarks(stopped.exec());
            stops.goOn(stopped.exec());
          }
        });
  }
}
