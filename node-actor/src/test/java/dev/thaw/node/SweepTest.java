package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.Cgroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  @TempDir Path root;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void whoeverIsInTheGroupIsGoneWhenItReturnsAndNobodyElse() throws Exception {
    var folder = new PodFolder(root);
    Process one = sleeper();
    Process other = sleeper();
    Process outside = sleeper();
    folder.put("pod-0", one.pid(), 0, other.pid());

    through(folder.groups().of("pod-0").orElseThrow());

    assertThat(PodFolder.runs(one.pid())).isFalse();
    assertThat(PodFolder.runs(other.pid())).isFalse();
    assertThat(PodFolder.runs(outside.pid())).isTrue();
  }

  @Test
  void anEmptyGroupAndOneThatWasNeverMadeAreClean() throws Exception {
    var folder = new PodFolder(root);
    folder.put("pod-0");

    through(folder.groups().of("pod-0").orElseThrow());
    through(folder.groups().of("pod-1").orElseThrow());

    assertThat(folder.members("pod-0")).isEmptyFile();
  }

  /** Threads that others need, too, do not wait for the dying. */
  @Test
  void whoIsDyingIsLookedAtAgainInAStepOfItsOwn() throws Exception {
    var folder = new PodFolder(root);
    folder.put("pod-0", sleeper().pid());
    var steps = new LinkedBlockingQueue<Runnable>();

    var swept =
        Sweep.through(folder.groups().of("pod-0").orElseThrow(), steps::add).toCompletableFuture();
    steps.take().run();

    assertThat(swept).isNotDone();
    while (!swept.isDone()) {
      steps.take().run();
    }
    assertThat(PodFolder.runs(started.get(0).pid())).isFalse();
  }

  private static void through(Cgroup group) throws Exception {
    Sweep.through(group, Runnable::run).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private Process sleeper() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    started.add(process);
    return process;
  }
}
