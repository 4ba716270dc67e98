package dev.thaw.app;

import static dev.thaw.app.Victim.NAME;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Listeners;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code thaw run --first-start stop}: nothing is missed, and nobody stays stopped. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class FirstStartIT {
  private static final CgroupLayout LAYOUT = CgroupLayout.detect();
  private static final int REPLICAS = 4;

  /** Thaw's death itself lets all go on, at once: long before the timer that is behind it. */
  private static final long AT_ONCE_MILLIS = 500;

  /** Each process becomes a program that nobody has ever run. */
  private static final String WRAPPER =
      """
      cp %1$s %1$s-%2$s-$$
      exec %1$s-%2$s-$$ "$@"
      """;

  @TempDir Path folder;
  private Victim victim;
  private Path service;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder).policy("startDeadline: 60s");
    service = GoService.build(folder);
  }

  @Test
  void aWrapperThatBecomesAnUnseenGoProgramLacksNoMark() throws Exception {
    try (Run run = run("only", 1)) {
      JsonNode listen = run.await("listen", pod(0));
      run.await("full", pod(0));

      int pid = listen.path("pid").asInt();
      assertThat(run.seen("exec"))
          .last()
          .satisfies(
              exec -> {
                assertThat(exec.path("path").asText()).isEqualTo(service + "-only-" + pid);
                assertThat(exec.path("pid").asInt()).isEqualTo(pid);
              });
      for (String mark : List.of("runtime_main", "main_main", "serve")) {
        assertThat(run.seen(mark)).as(mark).hasSize(1);
        assertThat(run.seen(mark).get(0).path("since_exec_ms").asDouble()).as(mark).isPositive();
      }
      assertThat(run.seen("degraded")).isEmpty();
    }
  }

  /** Half of the kills fall while somebody is stopped, the others anywhere in the starts. */
  @Test
  void whereverThawIsKilledNobodyStaysStopped() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int met = 0;
    for (int round = 0; round < 10; round++) {
      String where = "round %d, seed %d".formatted(round, seed);
      List<Integer> before = pids();
      try (Run run = run("r" + round, REPLICAS, options(round))) {
        awaitFirst(before);
        if (round % 2 == 0) {
          met += awaitStopped() ? 1 : 0;
          Thread.sleep(0, random.nextInt(900_000));
        } else {
          Thread.sleep(random.nextInt(120));
        }
        run.kill();
      }
      Thread.sleep(AT_ONCE_MILLIS);

      assertThat(stopped()).as(where).isEmpty();
      for (int pid : pids()) {
        awaitListening(pid, where);
      }
    }
    assertThat(met).as("rounds in which Thaw was killed beside a stopped process").isPositive();
    victim.behave("done");
    assertThat(victim.toItsEnd("--cleanup").code()).isZero();
  }

  /** What the round before has left is ended first. */
  private static String[] options(int round) {
    return round == 0 ? new String[0] : new String[] {"--cleanup"};
  }

  private Run run(String name, int replicas, String... options) throws Exception {
    Path wrapper = Files.writeString(folder.resolve("wrapper"), WRAPPER.formatted(service, name));
    var words = new ArrayList<>(victim.words(replicas, options));
    words.subList(words.indexOf("--") + 1, words.size()).clear();
    words.addAll(List.of("/bin/sh", wrapper.toString(), "{addr}", "{port}"));
    words.addAll(0, List.of("--first-start", "stop"));
    return Run.start(folder, words.toArray(String[]::new));
  }

  /** Returns when a process of the replicas is there; those of the round before are not. */
  private static void awaitFirst(List<Integer> before) throws Exception {
    for (int tries = 20_000; before.containsAll(pids()) && tries > 0; tries--) {
      Thread.sleep(1);
    }
  }

  /** Whether one was met that is stopped; not for longer than starts take. */
  private static boolean awaitStopped() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
    while (System.nanoTime() < end) {
      if (!stopped().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static void awaitListening(int pid, String where) throws Exception {
    for (int tries = 500; !listensOrIsGone(pid); tries--) {
      assertThat(tries).as("%s: pid %d never listened", where, pid).isPositive();
      Thread.sleep(20);
    }
  }

  private static boolean listensOrIsGone(int pid) {
    return !Listeners.of(pid).isEmpty() || ProcessHandle.of(pid).isEmpty();
  }

  private static List<Integer> stopped() {
    return pids().stream().filter(FirstStartIT::isStopped).toList();
  }

  private static boolean isStopped(int pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.startsWith(") T", stat.lastIndexOf(')'));
    } catch (IOException e) {
      return false; // it is gone
    }
  }

  private static List<Integer> pids() {
    return IntStream.range(0, REPLICAS)
        .mapToObj(index -> Cgroup.of(LAYOUT, "thaw/" + NAME + "/" + pod(index)).pids())
        .flatMap(List::stream)
        .toList();
  }
}
