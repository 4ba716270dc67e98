package dev.thaw.app;

import static dev.thaw.app.Victim.ask;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How a run and its processes begin again and end. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class LifeIT {
  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder);
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  @Test
  void theSecondInterruptKillsTheChildrenAtOnceAndEndsWith130() throws Exception {
    victim.behave("stubborn");
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      long child = victim.pod(pod(0)).path("pid").asLong();

      run.interrupt();
      assertThat(ask()).as("a child that ignores SIGTERM has its 10 s").isEqualTo(200);
      assertThat(alive(child)).isTrue();
      run.interrupt();

      assertThat(run.awaitEnd()).isEqualTo(130);
      assertThat(alive(child)).isFalse();
      assertThat(Victim.unpinned()).isTrue();
      assertThat(run.strays()).isEmpty();
    }
  }

  @Test
  void theFirstInterruptEndsInOrderWithZero() throws Exception {
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      long child = victim.pod(pod(0)).path("pid").asLong();

      run.interrupt();

      assertThat(run.awaitEnd()).isZero();
      assertThat(alive(child)).isFalse();
      assertThat(run.strays()).as("stdout carries only events").isEmpty();
      assertThat(run.said()).doesNotContain("Exception");
    }
  }

  @Test
  void aRunWhoseChildrenHaveAllEndedWithZeroEndsWithZero() throws Exception {
    victim.behave("done");
    try (Run run = victim.run(2, "--restart", "on-failure")) {
      assertThat(run.await("gone", pod(0)).path("exit_code").asInt(-1)).isZero();
      assertThat(run.awaitEnd()).isZero();
    }
  }

  @Test
  void aCrashedReplicaIsStartedAnewAfterOneThenTwoSecondsWithAStartOfItsOwn() throws Exception {
    victim.behave("crash");
    try (Run run = victim.run(1, "--restart", "on-failure")) {
      JsonNode first = run.await("restarted", pod(0));
      assertThat(first.path("restarts").asInt()).isOne();
      assertThat(first.path("reason").asText()).isEqualTo("after 1 s");
      run.await("exec", pod(0));
      assertThat(run.await("restarted", pod(0)).path("reason").asText()).isEqualTo("after 2 s");

      victim.behave("ok");

      run.await("full", pod(0));
      assertThat(victim.pod(pod(0)).path("restarts").asInt()).isEqualTo(2);
      assertThat(ask()).isEqualTo(200);
    }
  }

  @Test
  void withRestartAlwaysAnEndWithZeroIsFollowedByAnotherStart() throws Exception {
    victim.behave("done");
    try (Run run = victim.run(1, "--restart", "always")) {
      assertThat(run.await("gone", pod(0)).path("exit_code").asInt(-1)).isZero();
      assertThat(run.await("restarted", pod(0)).path("reason").asText()).isEqualTo("after 1 s");
    }
  }

  @Test
  void aCommandThatKeepsCrashingIsGoneAfterItsRestartsAndTheRunEndsWithOne() throws Exception {
    try (Run run = victim.shell("exit 7")) {
      for (String pause :
          new String[] {"after 1 s", "after 2 s", "after 4 s", "after 8 s", "after 16 s"}) {
        assertThat(run.await("restarted", pod(0)).path("reason").asText()).isEqualTo(pause);
      }
      assertThat(run.await("gone", pod(0)).path("exit_code").asInt()).isEqualTo(7);
      assertThat(run.awaitEnd()).isEqualTo(1);
    }
  }
}
