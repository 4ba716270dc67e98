package dev.thaw.app;

import static dev.thaw.app.Victim.NAME;
import static dev.thaw.app.Victim.ask;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An operator's verbs on a run that is alive. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class VerbsIT {
  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder);
  }

  private void refused(String why, String... verb) throws Exception {
    Run.Ended ended = victim.thaw(verb);
    assertThat(ended.code()).as(String.join(" ", verb) + ": " + ended.said()).isEqualTo(1);
    assertThat(ended.said()).contains(why).doesNotContain("Exception");
  }

  private void done(String said, String... verb) throws Exception {
    Run.Ended ended = victim.thaw(verb);
    assertThat(ended.code()).as(String.join(" ", verb) + ": " + ended.said()).isZero();
    assertThat(ended.said()).contains(said);
  }

  @Test
  void rungsArePausedPromotedAbortedAndTriedAgainAndSomebodyAlwaysServes() throws Exception {
    victim.policy(List.of("startDeadline: 30s"), "{ weight: 5, hold: 60s }");
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      refused("without a backend", "abort", NAME);
      refused("without a backend", "abort", pod(0));
      refused("without a backend", "restart", pod(0));
      refused("no pod it-none-0", "restart", "it-none-0");
      refused("no pod", "pause", "it-none-0");
      refused("expected: 1 to 256", "scale", "0");
      refused("is full already", "promote", pod(0));

      done("2 replicas now (it had 1)", "scale", NAME, "2");
      run.await(
          e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 5, "5 %");
      done("paused", "pause", pod(1));
      assertThat(victim.thaw("get").code()).isZero();
      done("resumed", "resume", pod(1));
      done("paused", "pause", NAME);
      assertThat(victim.thaw("get").said()).contains("PAUSED");
      done("resumed", "resume", NAME);
      done("kept at no traffic", "abort", pod(1));
      assertThat(victim.pod(pod(1)).path("state").asText()).isEqualTo("aborted");
      assertThat(victim.pod(pod(1)).path("weight").asInt()).isZero();
      refused("without a backend", "restart", pod(0));
      done("starts again", "retry", pod(1));
      run.await(
          e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 5, "5 %");
      done("promoted", "promote", pod(1));
      run.await("full", pod(1));

      done("started anew", "restart", pod(0));
      run.await("restarted", pod(0));
      run.await("confirmed", pod(0));
      done("promoted", "promote", "--full", pod(0));
      run.await("full", pod(0));
      assertThat(ask()).isEqualTo(200);
    }
  }

  @Test
  void anUnconfirmedPodIsGivenAllOnlyByForceAndOnlyWhenItListens() throws Exception {
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      victim.behave("500");
      victim.thaw("scale", "2");
      run.await("listen", pod(1));
      refused("is not confirmed", "promote", "--full", pod(1));
      victim.behave("never");
      victim.thaw("scale", "3");
      run.await("exec", pod(2));
      refused("does not listen", "promote", "--full", "--force", pod(2));

      done("promoted", "promote", "--full", "--force", pod(1));

      JsonNode rung =
          run.await(
              e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 100,
              "100 %");
      assertThat(rung.path("reason").asText()).isEqualTo("OperatorCommand");
    }
  }

  @Test
  void pagesAreJsonOnDemandAndLogsAreFollowed() throws Exception {
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      var json = new ObjectMapper();
      assertThat(json.readTree(victim.thaw("get", "-o", "json").said()).path("pods").size())
          .isOne();
      JsonNode why = json.readTree(victim.thaw("why", pod(0), "-o", "json").said());
      assertThat(why.path("decisions").isEmpty()).isFalse();
      assertThat(why.path("timeline").isEmpty()).isFalse();
      refused("no pod nobody-1", "why", "nobody-1");
      refused("no log", "logs", "nobody-1");
      refused("no log", "logs", "../../etc/passwd");

      Process follower =
          new ProcessBuilder(
                  Run.command(List.of("logs", pod(0), "-f", "--state", victim.state.toString())))
              .redirectErrorStream(true)
              .start();
      try (var lines = follower.inputReader()) {
        assertThat(lines.readLine()).isEqualTo("mode ok");
        Files.writeString(
            victim.state.resolve("logs/" + pod(0) + ".log"),
            "and more\n",
            java.nio.file.StandardOpenOption.APPEND);
        assertThat(lines.readLine()).isEqualTo("and more");
        assertThat(follower.isAlive()).isTrue();
      } finally {
        follower.destroy();
        assertThat(follower.waitFor(10, TimeUnit.SECONDS)).isTrue();
      }
    }
  }
}
