package dev.thaw.app;

import static dev.thaw.app.Victim.PORT;
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

/** Programs that fail, each in its own way: what is said of them, and what users notice. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class FaultsIT {
  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder);
  }

  @Test
  void aNewbornThatNeverServesIsEjectedForItsReasonAndItsWarmPeerKeepsTheTraffic()
      throws Exception {
    victim.policy("startDeadline: 1500ms");
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      String[][] faults = {
        {"never", "it never listened on port " + PORT},
        {"500", "500"},
        {"silent", "HUNG: "}, // in whichever protocol it was asked last
        {"garbage", ""},
        {"elsewhere", "never listened on port %d but on 127.101.".formatted(PORT)},
      };
      for (int i = 0; i < faults.length; i++) {
        String newborn = pod(i + 1);
        victim.behave(faults[i][0]);
        assertThat(victim.thaw("scale", Integer.toString(i + 2)).code()).isZero();

        JsonNode ejected = run.await("ejected", newborn);

        assertThat(ejected.path("reason").asText()).as(faults[i][0]).isEqualTo("NeverServed");
        assertThat(ejected.path("detail").asText())
            .as(faults[i][0])
            .isNotBlank()
            .contains(faults[i][1])
            .doesNotContain("Exception");
        assertThat(victim.pod(newborn).path("weight").asInt()).isZero();
        assertThat(ask()).as("beside one that is " + faults[i][0]).isEqualTo(200);
      }
      assertThat(victim.pod(pod(5)).path("detail").asText()).contains(":" + (PORT + 1));

      assertThat(victim.thaw("scale", "1").code()).isZero();
      run.await("gone", pod(1));
      assertThat(victim.pod(pod(0)).path("state").asText())
          .as("who serves is the last to go")
          .isEqualTo("full");
      assertThat(ask()).isEqualTo(200);
      assertThat(run.end()).isZero();
      assertThat(run.said()).doesNotContain("\tat ");
    }
  }

  @Test
  void aNewbornThatListensThenCrashesShowsItsLastLines() throws Exception {
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      victim.behave("crash");
      victim.thaw("scale", "2");

      assertThat(run.await("gone", pod(1)).path("exit_code").asInt()).isEqualTo(3);

      assertThat(ask()).isEqualTo(200);
      assertThat(victim.pod(pod(1)).path("state").asText()).isEqualTo("gone");
      assertThat(run.end()).isZero();
      assertThat(run.said()).contains(pod(1) + "| out of luck");
    }
  }

  @Test
  void whoAnswersFiveTimesAndThenFailsLosesItsTrafficAndTheOtherKeepsIt() throws Exception {
    victim.policy("startDeadline: 30s", "probe: { readyInterval: 500ms }");
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      victim.behave("five");
      victim.thaw("scale", "2");
      run.await("confirmed", pod(1));

      JsonNode ejected = run.await("ejected", pod(1));

      assertThat(ejected.path("detail").asText()).contains("500");
      assertThat(onlyTheOtherAnswers()).isTrue();
    }
  }

  /** An ejection is said when it is decided; the kernel takes its table some milliseconds later. */
  private boolean onlyTheOtherAnswers() throws Exception {
    boolean only = false;
    for (int tries = 0; tries < 100 && !only; tries++) {
      only = true;
      for (int i = 0; i < 20 && only; i++) {
        only = ask() == 200;
      }
    }
    return only;
  }

  @Test
  void ofTwoListenersThePolicysPortDecides() throws Exception {
    victim.behave("two").policy("startDeadline: 10s", "target: { port: " + (PORT + 7) + " }");
    try (Run run = victim.run(1)) {
      assertThat(run.await("listen", pod(0)).path("port").asInt()).isEqualTo(PORT + 7);
      run.await("full", pod(0));
      assertThat(ask()).isEqualTo(200);
    }
  }

  @Test
  void aProgramOnEveryAddressWorksAloneAndTheSecondStartSaysWhyItFails() throws Exception {
    victim.behave("wild");
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      assertThat(ask()).isEqualTo(200);

      victim.thaw("scale", "2");

      JsonNode degraded = run.await("degraded", "");
      assertThat(degraded.path("why").asText())
          .contains(pod(0) + " listens on port " + PORT + " of every address", "{addr}");
      run.await("gone", pod(1));
      assertThat(ask()).isEqualTo(200);
      assertThat(run.end()).isZero();
      assertThat(run.said()).contains("Address already in use");
    }
  }

  @Test
  void aPrometheusThatIsAwayOrTalksNonsenseIsSaidOnceAndChangesNoWeight() throws Exception {
    try (var nonsense = Nonsense.start()) {
      victim.policy(
          java.util.List.of(
              "metrics: { scrape: { interval: 200ms }, prometheus: { url: \"%s\" } }"
                  .formatted(nonsense.url())),
          "{ weight: 5, hold: 1s, gates: [ { promql: { query: \"up\", passBelow: 0.01, backAbove: 0.03 } } ] }");
      try (Run run = victim.run(2)) {
        String first = run.await("full", "").path("pod").asText();
        String second = first.equals(pod(0)) ? pod(1) : pod(0);
        run.await(
            e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 5, "5 %");

        JsonNode degraded =
            run.await(
                e ->
                    e.path("event").asText().equals("degraded")
                        && e.path("what").asText().equals("prometheus"),
                "a word about Prometheus");

        assertThat(degraded.path("why").asText()).contains("no JSON");
        nonsense.awaitAsked();
        nonsense.fallSilent();
        assertThat(victim.pod(second).path("weight").asInt()).isEqualTo(5);
        assertThat(victim.pod(first).path("weight").asInt()).isEqualTo(100);
        assertThat(ask()).isEqualTo(200);
        assertThat(run.end()).isZero();
        assertThat(run.said().lines().filter(line -> line.contains("what=prometheus")).count())
            .isOne();
      }
    }
  }

  @Test
  void aLatencyThatIsNoBucketIsNoEvidenceAndTheBucketsAreNamed() throws Exception {
    victim.policy(
        "metrics: { scrape: { path: /metrics, interval: 200ms }, series: { requests: http_requests_total, latency: http_request_duration_seconds }, slowAfter: 250ms }");
    try (Run run = victim.run(2)) {
      run.await("full", "");

      JsonNode degraded = run.await("degraded", "");

      assertThat(degraded.path("what").asText()).isEqualTo("metrics");
      assertThat(degraded.path("why").asText()).contains("slowAfter", "0.1", "1.0");
      assertThat(ask()).isEqualTo(200);
    }
  }
}
