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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@ExtendWith(NeedsKernel.class)
class StartProfileIT {
  /**
   * Burns a tenth of a second of processor time before main, however busy the machine is, faults
   * pages in, listens, ends.
   */
  private static final String SOURCE =
      """
      package main

      import (
      	"net"
      	"syscall"
      	"time"
      )

      var table = buildTable()

      func buildTable() []int {
      	table := make([]int, 1<<20)
      	for began := used(); used()-began < 100*time.Millisecond; {
      		for i := range table {
      			table[i] += i
      		}
      	}
      	return table
      }

      func used() time.Duration {
      	var usage syscall.Rusage
      	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
      	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
      }

      func main() {
      	listener, err := net.Listen("tcp", "127.0.0.9:0")
      	if err != nil {
      		panic(err)
      	}
      	time.Sleep(30 * time.Millisecond)
      	listener.Close()
      }
      """;

  @TempDir Path folder;
  private final Cgroup cgroup =
      Cgroup.of(CgroupLayout.detect(), "thaw-test-profile-" + ProcessHandle.current().pid());
  private final Symboliser symboliser = new Symboliser();
  private final List<ProfileEvent> seen = new ArrayList<>();
  private final Map<ProfileEvent.Sample, Integer> spaces = new HashMap<>();
  private StartProfile profile;

  @BeforeEach
  void open() {
    cgroup.create();
    profile = StartProfile.open(cgroup.unifiedId(), cgroup.v1Id(), 997);
  }

  @AfterEach
  void remove() throws Exception {
    profile.close();
    for (int i = 0; i < 200 && !cgroup.delete(); i++) {
      Thread.sleep(10);
    }
  }

  @Test
  void tellsEveryStepOfAGoProgramsStartInOrder() throws Exception {
    Path program = GoPrograms.buildSource(folder, "whole", SOURCE, Map.of("CGO_ENABLED", "0"));
    StartImage image = runToEnd(program);

    assertThat(image.isGo()).isTrue();
    assertThat(image.goVersion()).hasValueSatisfying(v -> assertThat(v).startsWith("go1."));
    assertThat(image.isDynamic()).isFalse();
    assertThat(steps())
        .containsSubsequence(
            StartImage.ENTRY,
            "runtime.schedinit",
            "runtime.mallocinit",
            "runtime.gcinit",
            "runtime.main",
            StartImage.PACKAGE_INIT,
            "runtime.gcenable",
            StartImage.PACKAGE_INIT,
            "main.main");
    assertThat(seen).hasAtLeastOneElementOfType(ProfileEvent.Listen.class);
    assertThat(profile.lost()).isZero();
    assertThat(profile.missing()).isEmpty();
  }

  @Test
  void namesThePackageThatIsInitialised() throws Exception {
    Path program = GoPrograms.buildSource(folder, "named", SOURCE, Map.of());
    StartImage image = runToEnd(program);

    assertThat(seen)
        .filteredOn(
            event ->
                event instanceof ProfileEvent.Step step
                    && step.name().equals(StartImage.PACKAGE_INIT))
        .extracting(event -> image.packages().get(((ProfileEvent.Step) event).argument()))
        .contains("runtime", "net", "main");
  }

  @Test
  void namesThePackagesOfAProgramThatTheLoaderHasMoved() throws Exception {
    Path program = GoPrograms.buildSource(folder, "moved", SOURCE, Map.of(), "-buildmode=pie");
    StartImage image = runToEnd(program);

    List<Optional<String>> named =
        seen.stream()
            .filter(ProfileEvent.Step.class::isInstance)
            .map(ProfileEvent.Step.class::cast)
            .filter(step -> step.name().equals(StartImage.PACKAGE_INIT))
            .map(step -> image.packageOf(step.name(), step.argument(), step.place()))
            .toList();
    assertThat(named).doesNotContain(Optional.empty());
    assertThat(named).contains(Optional.of("runtime"), Optional.of("net"), Optional.of("main"));
    assertThat(named.get(named.size() - 1)).hasValue("main");
  }

  @Test
  void aSleepingThreadTellsInWhat() throws Exception {
    Path program = GoPrograms.buildSource(folder, "asleep", SOURCE, Map.of());

    runToEnd(program);

    assertThat(seen)
        .filteredOn(
            event ->
                event instanceof ProfileEvent.OffCpu off
                    && off.runnableNanos() - off.sinceNanos() > 20_000_000)
        .as("main slept for 30 ms")
        .extracting(
            event -> symboliser.stack(-1, new long[0], ((ProfileEvent.OffCpu) event).kernel()))
        .anySatisfy(
            stack ->
                assertThat(stack)
                    .anySatisfy(frame -> assertThat(frame).containsPattern("futex|epoll|ep_poll")));
  }

  @Test
  void seesStacksFromBeforeMainInAStrippedProgram() throws Exception {
    Path program =
        GoPrograms.buildSource(folder, "bare", SOURCE, Map.of(), "-trimpath", "-ldflags=-s -w");

    runToEnd(program);

    assertThat(stacks(false))
        .filteredOn(stack -> stack.contains("main.buildTable"))
        .hasSizeGreaterThan(20)
        .allSatisfy(
            stack ->
                assertThat(stack)
                    .containsSubsequence("runtime.main", "main.init", "main.buildTable"));
    assertThat(stacks(true))
        .as("page faults")
        .anySatisfy(stack -> assertThat(stack).contains("main.buildTable"));
  }

  @Test
  void findsStacksOfAPositionIndependentProgram() throws Exception {
    Path program = GoPrograms.buildSource(folder, "pie", SOURCE, Map.of(), "-buildmode=pie");

    runToEnd(program);

    assertThat(stacks(false))
        .filteredOn(stack -> stack.contains("main.buildTable"))
        .hasSizeGreaterThan(20);
  }

  @Test
  void seesTheEndOfDynamicLinking() throws Exception {
    Path program = Path.of("/usr/bin/perl");
    StartImage image = runToEnd(program, "-e", "1");

    assertThat(image.isDynamic()).isTrue();
    assertThat(steps()).contains(StartImage.ENTRY);
  }

  private List<String> steps() {
    return seen.stream()
        .filter(ProfileEvent.Step.class::isInstance)
        .map(event -> ((ProfileEvent.Step) event).name())
        .toList();
  }

  private List<List<String>> stacks(boolean faults) {
    return seen.stream()
        .filter(event -> event instanceof ProfileEvent.Sample sample && sample.fault() == faults)
        .map(ProfileEvent.Sample.class::cast)
        .map(sample -> symboliser.stack(spaces.get(sample), sample.user(), sample.kernel()))
        .toList();
  }

  /** Runs it in the group and reads until it has ended; at most 10 s. */
  private StartImage runToEnd(Path program, String... arguments) throws IOException {
    var words = new ArrayList<>(List.of(program.toString()));
    words.addAll(List.of(arguments));
    StartImage image = profile.attachSteps(program);
    Process process =
        Spawner.start(
            new Spawner.Command(
                words,
                Map.of(),
                folder,
                Files.createTempFile(folder, "out", ".log"),
                Optional.of(cgroup)));
    for (int i = 0; i < 1000 && seen.stream().noneMatch(ProfileEvent.Exit.class::isInstance); i++) {
      profile.read(Duration.ofMillis(10), this::keep);
    }
    assertThat(process.onExit().join().exitValue()).isZero();
    return image;
  }

  private void keep(ProfileEvent event) {
    seen.add(event);
    if (event instanceof ProfileEvent.Exec exec) {
      symboliser.execed(exec.pid());
    } else if (event instanceof ProfileEvent.Sample sample) {
      spaces.put(sample, symboliser.notice(sample.pid(), sample.user()));
    }
  }
}
