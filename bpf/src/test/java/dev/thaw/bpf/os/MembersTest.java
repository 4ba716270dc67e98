package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a folder that stands in for a control group. */
class MembersTest {
  private static final Duration LONGEST = Duration.ofSeconds(20);

  @TempDir Path root;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
    Thread.interrupted();
  }

  @Test
  void whoeverIsInTheGroupIsGoneWhenItReturnsAndNobodyElse() throws Exception {
    Process one = sleeper();
    Process other = sleeper();
    Process outside = sleeper();

    assertThat(Members.end(groupOf(one.pid(), 0, other.pid()), LONGEST)).isTrue();

    assertThat(runs(one.pid())).isFalse();
    assertThat(runs(other.pid())).isFalse();
    assertThat(runs(outside.pid())).isTrue();
  }

  @Test
  void whoHasBeenInterruptedSeesThemGoneAllTheSame() throws Exception {
    Process one = sleeper();
    Cgroup group = groupOf(one.pid());
    Thread.currentThread().interrupt();

    Members.end(group, LONGEST);

    assertThat(runs(one.pid())).isFalse();
  }

  @Test
  void whoIsKilledIsNotWaitedForUnlessSomebodyWantsTo() throws Exception {
    Process one = sleeper();
    Cgroup group = groupOf(one.pid());

    assertThat(Members.kill(group)).as("nobody ran").isFalse();
    assertThat(one.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).as("it is gone").isTrue();
    assertThat(Members.kill(group)).as("nobody ran").isTrue();
  }

  @Test
  void anEmptyGroupAndOneThatWasNeverMadeAreClean() throws Exception {
    assertThat(Members.end(groupOf(), LONGEST)).isTrue();
    assertThat(Members.end(group("never"), LONGEST)).isTrue();
  }

  private Cgroup groupOf(long... pids) throws IOException {
    var lines = new StringBuilder();
    for (long pid : pids) {
      lines.append(pid).append('\n');
    }
    Files.createDirectories(root.resolve("pod"));
    Files.writeString(root.resolve("pod/cgroup.procs"), lines);
    return group("pod");
  }

  private Cgroup group(String name) {
    return Cgroup.of(new CgroupLayout(Optional.of(root), Optional.empty(), true), name);
  }

  private Process sleeper() throws IOException {
    Process process = new ProcessBuilder("sleep", "1000").start();
    started.add(process);
    return process;
  }

  /** Whether a process runs; one that is only to be reaped does not. */
  private static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException e) {
      return false;
    }
  }
}
