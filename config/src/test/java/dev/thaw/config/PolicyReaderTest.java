package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a policy means once its defaults are filled in. */
class PolicyReaderTest {

  private static final String MINIMAL =
      """
      apiVersion: thaw.dev/v1alpha1
      kind: WarmupPolicy
      metadata: { name: orders }
      spec:
        service: 127.100.0.1:8080
      """;

  @Test
  void theSmallestPolicyIsTheQuickLadderWithoutEvidence() {
    WarmupPolicy policy = accepted(MINIMAL);

    assertThat(policy.name()).isEqualTo("orders");
    assertThat(policy.mode()).isEqualTo(Mode.RAMP);
    assertThat(policy.service()).isEqualTo(new Endpoint("127.100.0.1", 8080));
    assertThat(policy.targetPort()).isEqualTo(8080);
    assertThat(policy.startDeadline()).isEqualTo(Duration.ofSeconds(60));
    assertThat(policy.warmup()).isEmpty();
    assertThat(policy.metrics()).isEmpty();
    assertThat(policy.birth().preset()).isEqualTo("quick");
    assertThat(policy.birth().ceiling()).contains(Duration.ofSeconds(120));
    assertThat(policy.birth().ladder())
        .containsExactly(
            new Rung(1, Duration.ofSeconds(2), 0, List.of()),
            new Rung(5, Duration.ofSeconds(2), 0, List.of()),
            new Rung(20, Duration.ofSeconds(3), 0, List.of()),
            new Rung(100, Duration.ofSeconds(10), 0, List.of()));
  }

  @Test
  void metricsBringTheRelativeGates() {
    WarmupPolicy policy = accepted(MINIMAL + "  metrics: {}\n");

    assertThat(policy.metrics().orElseThrow().scrape().orElseThrow().port()).isEqualTo(8080);
    assertThat(policy.birth().ladder().get(2))
        .isEqualTo(
            new Rung(
                20,
                Duration.ofSeconds(3),
                20,
                List.of(new ErrorGate(0.05, 2), new SlowGate(0.10))));
  }

  private static WarmupPolicy accepted(String source) {
    PolicyReading reading = PolicyReader.read(source, Path.of("orders.yaml"));
    assertThat(reading.problems()).isEmpty();
    return reading.policy().orElseThrow();
  }
}
