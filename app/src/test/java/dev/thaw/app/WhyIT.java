package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The start of a pod under a living {@code thaw run}, on the page of a trace. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class WhyIT {
  private static final Path ORDERS = Path.of("..", "deploy", "demo", "bin", "order-svc");
  private static final String POLICY =
      """
      apiVersion: thaw.dev/v1alpha1
      kind: WarmupPolicy
      metadata: { name: %s }
      spec:
        service: "%s:%d"
        probe: { grpc: {}, appProtocol: kubernetes.io/h2c }
        warmup: { requests: [ { path: /healthz } ], count: 40 }
        birth:
          floor: 0s
          gateDefaults: { interval: 200ms }
          ladder:
            - { weight: 5, hold: 1s }
            - { weight: 100, hold: 1s }
      """;

  @TempDir Path folder;

  @Test
  void aServiceThatIsProbedByGrpcShowsItsStartFromExecToItsFullShare() throws Exception {
    Chromium.needed();
    assertThat(ORDERS).as("make programs").exists();
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            POLICY.formatted(Victim.NAME, Victim.HOST, Victim.PORT + 1));
    String state = folder.resolve("state").toString();
    Path page = folder.resolve("start.html");

    try (Run run =
        Run.start(
            folder,
            "--policy",
            policy.toString(),
            "--replicas",
            "2",
            "--state",
            state,
            "--",
            ORDERS.toAbsolutePath().normalize().toString(),
            "-plain",
            "-listen",
            "{addr}:{port}")) {
      String first = run.await("full", "").path("pod").asText();
      String second = Victim.NAME + (first.endsWith("-0") ? "-1" : "-0");
      run.await("full", second);
      Run.Ended why = Run.of("why", second, "--html", page.toString(), "--state", state);
      assertThat(why.code()).as(why.said()).isZero();
      assertThat(why.said().strip()).isEqualTo("its start is drawn in " + page);
      assertThat(Run.of("why", second, "--state", state).said())
          .contains("first_success protocol=h2c");
    }

    for (String scheme : new String[] {"light", "dark"}) {
      String drawn = Chromium.opened(page, scheme);
      assertThat(drawn).doesNotContain("data-failed").contains("data-theme=\"" + scheme + "\"");
      assertThat(Chromium.charts(drawn)).isEqualTo(1);
      assertThat(drawn)
          .contains("It listened")
          .contains("40 warm-up requests, 0 of them failed")
          .contains("It had its full share");
    }
    assertThat(Files.readString(page))
        .contains("\"package init\"")
        .contains("\"warm-up requests\"")
        .contains("\"at 5 % of its share\"");
  }
}
