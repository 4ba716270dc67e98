package dev.thaw.app;

import static dev.thaw.app.Victim.NAME;
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

/** {@code thaw run} as a process of its own, on the real kernel: births, and what a kill leaves. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class RunIT {
  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder);
  }

  private static JsonNode onFirstRung(Run run) throws Exception {
    return run.await(
        e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 5, "5 %");
  }

  private static String other(String pod) {
    return pod.equals(pod(0)) ? pod(1) : pod(0);
  }

  @Test
  void theFirstGoesFullTheSecondClimbsAndUsersReachThemByOneAddress() throws Exception {
    try (Run run = victim.run(2)) {
      String first = run.await("full", "").path("pod").asText();
      assertThat(ask()).isEqualTo(200);
      onFirstRung(run);
      run.await("full", other(first));
      Run.Ended why = victim.thaw("why", other(first));
      assertThat(why.code()).isZero();
      assertThat(why.said()).contains("listen", "Given 5% of its share", "Given 100% of its share");
      assertThat(victim.pod(other(first)).path("state").asText()).isEqualTo("full");
      assertThat(run.end()).isZero();
    }
    assertThat(Victim.unpinned()).isTrue();
    assertThat(victim.state.resolve("run.json")).doesNotExist();
  }

  @Test
  void aKilledRunsTrafficGoesOnAndAnAdopterFinishesTheLadder() throws Exception {
    victim.policy(java.util.List.of("startDeadline: 30s"), "{ weight: 5, hold: 4s }");
    String climber;
    long climberPid;
    long warmPid;
    try (Run run = victim.run(2)) {
      climber = onFirstRung(run).path("pod").asText();
      climberPid = victim.pod(climber).path("pid").asLong();
      warmPid = victim.pod(other(climber)).path("pid").asLong();
      run.kill();
    }
    assertThat(ProcessHandle.of(climberPid)).as("a kill of Thaw ends no child").isPresent();
    assertThat(ask()).as("without Thaw").isEqualTo(200);
    ProcessHandle.of(warmPid).ifPresent(ProcessHandle::destroyForcibly);
    Run.Ended refused = victim.toItsEnd();
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.said()).contains("--adopt", "--cleanup");
    try (Run adopter = victim.run(2, "--adopt", "--restart", "on-failure")) {
      adopter.await("full", climber);
      adopter.await("full", other(climber)); // killed while nobody looked: started anew
      assertThat(victim.pod(climber).path("pid").asLong()).isEqualTo(climberPid);
      assertThat(victim.thaw("why", climber).said()).contains("took over as writer number 2");
      assertThat(adopter.end()).isZero();
    }
    assertThat(Victim.unpinned()).isTrue();
  }

  @Test
  void whatAKilledRunLeftIsEndedByCleanup() throws Exception {
    long child;
    try (Run run = victim.run(1)) {
      run.await("full", "");
      child = victim.pod(pod(0)).path("pid").asLong();
      run.kill();
    }
    victim.behave("done");
    Run.Ended elsewhere =
        Run.of(
            "run",
            "--policy",
            victim.policy.toString(),
            "--state",
            folder.resolve("elsewhere").toString(),
            "--",
            "/bin/true");
    assertThat(elsewhere.code()).isEqualTo(1);
    assertThat(elsewhere.said()).contains("policy " + NAME, "with another state folder");
    assertThat(ask()).as("what a killed run left serves until it is ended").isEqualTo(200);
    Run.Ended cleaned = victim.toItsEnd("--cleanup");
    assertThat(cleaned.code()).as(cleaned.said()).isZero();
    assertThat(ProcessHandle.of(child)).isEmpty();
    assertThat(Victim.unpinned()).isTrue();
  }

  @Test
  void aCommandThatCrashesShowsItsLastLinesAndTheRunEndsWithOne() throws Exception {
    try (Run run = victim.shell("echo no database; exit 3", "--restart", "never")) {
      assertThat(run.await("gone", pod(0)).path("exit_code").asInt()).isEqualTo(3);
      assertThat(run.awaitEnd()).isEqualTo(1);
      assertThat(run.said()).contains("no database").doesNotContain("Exception");
    }
  }
}
