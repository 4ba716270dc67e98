package dev.thaw.app;

import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that die while no Thaw lives, or under the one that has adopted them. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class DeathIT {
  /** What the server writes, in a line of its own, when it starts. */
  private static final String WORDS = "mode ordered";

  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder);
  }

  @Test
  void whoDiedWhileNobodyLivedIsToldWithTheKernelsTimesAndItsStatus() throws Exception {
    List<Long> pids = killedAtFull();
    Instant before = Instant.now().minusMillis(1); // events tell milliseconds
    signal("-KILL", pids.get(0));
    signal("-USR1", pids.get(1)); // by which it ends with 5
    awaitEnd(pids);
    Instant after = Instant.now();

    try (Run adopter = victim.run(2, "--adopt", "--restart", "on-failure")) {
      adopter.await("gone", "");
      adopter.await("gone", "");

      assertThat(adopter.seen("gone")).as("each once").hasSize(2);
      JsonNode killed = of(pod(0), adopter.seen("gone"));
      assertThat(killed.path("signal").asInt()).isEqualTo(9);
      assertThat(at(killed)).isBetween(before, after);
      assertThat(at(of(pod(0), adopter.seen("listen_closed")))).isBetween(before, after);
      JsonNode ended = of(pod(1), adopter.seen("gone"));
      assertThat(ended.path("exit_code").asInt()).isEqualTo(5);
      assertThat(at(ended)).isBetween(before, after);
      assertThat(ended.path("last_lines")).extracting(JsonNode::asText).containsExactly(WORDS);
      assertThat(at(of(pod(1), adopter.seen("listen")))).isBefore(before);
      adopter.await("restarted", pod(0));
      assertThat(victim.thaw("why", pod(0)).said()).contains("listen_closed", "gone signal=9");
      assertThat(adopter.said()).contains("    " + pod(1) + "| " + WORDS);
    }
  }

  @Test
  void whoDiesUnderItsAdopterIsToldWithItsStatusAndItsOwnLastLines() throws Exception {
    List<Long> pids = killedAtFull();

    try (Run adopter = victim.run(2, "--adopt", "--restart", "on-failure")) {
      adopter.await("first_success", pod(1));
      signal("-USR1", pids.get(1));

      JsonNode gone = adopter.await("gone", pod(1));

      assertThat(gone.path("exit_code").asInt()).isEqualTo(5);
      assertThat(gone.path("last_lines")).extracting(JsonNode::asText).containsExactly(WORDS);
      adopter.await("restarted", pod(1));
      JsonNode listen = adopter.await("listen", pod(1));
      signal("-USR1", listen.path("pid").asLong());
      assertThat(adopter.await("gone", pod(1)).path("last_lines"))
          .as("those of an earlier start stand before them in the same file")
          .extracting(JsonNode::asText)
          .containsExactly(WORDS);
    }
  }

  /** Ctrl-C that a replica did not hear, and the end of Thaw before it could be killed. */
  @Test
  void whoOutlivesTheRunThatWantedItsEndServesAgainUnderItsAdopter() throws Exception {
    victim.behave("stubborn");
    long pid;
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      pid = victim.pod(pod(0)).path("pid").asLong();
      signal("-TERM", run.pid());
      run.await("draining", pod(0));
      run.kill();
    }

    try (Run adopter = victim.run(1, "--adopt")) {
      adopter.await("full", pod(0));

      assertThat(victim.pod(pod(0)).path("pid").asLong()).isEqualTo(pid);
      assertThat(Victim.ask()).isEqualTo(200);
      signal("-KILL", pid);
      JsonNode gone = adopter.await("gone", pod(0));
      assertThat(gone.path("signal").asInt()).isEqualTo(9);
      assertThat(gone.path("served").asBoolean()).isTrue();
      assertThat(adopter.awaitEnd()).isEqualTo(1);
    }
  }

  /** The pids of two replicas with their full share, whose Thaw is dead. */
  private List<Long> killedAtFull() throws Exception {
    victim.behave("ordered");
    try (Run run = victim.run(2)) {
      run.await("full", "");
      run.await("full", "");
      List<Long> pids =
          List.of(victim.pod(pod(0)).path("pid").asLong(), victim.pod(pod(1)).path("pid").asLong());
      run.kill();
      return pids;
    }
  }

  private static void signal(String which, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", which, Long.toString(pid)).start().waitFor()).isZero();
  }

  private static void awaitEnd(List<Long> pids) throws Exception {
    for (long pid : pids) {
      for (int tries = 500; ProcessHandle.of(pid).isPresent() && tries > 0; tries--) {
        Thread.sleep(20);
      }
    }
  }

  /** The first of these that is about this pod. */
  private static JsonNode of(String pod, List<JsonNode> events) {
    return events.stream()
        .filter(event -> event.path("pod").asText().equals(pod))
        .findFirst()
        .orElseThrow();
  }

  private static Instant at(JsonNode event) {
    return Instant.parse(event.path("at").asText());
  }
}
