package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What is shown of a policy says everything that it means. */
class PolicyWriterTest {

  @Provide
  Arbitrary<WarmupPolicy> policies() {
    return Policies.valid();
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void readingWhatWasWrittenGivesTheSamePolicy(@ForAll("policies") WarmupPolicy policy) {
    String written = PolicyWriter.write(policy);

    PolicyReading reading = PolicyReader.read(written, "written", Mode.OBSERVE);

    assertThat(reading.problems()).isEmpty();
    assertThat(reading.policy()).contains(policy);
  }

  @Test
  void everyDefaultIsFilledIn() {
    String written =
        PolicyWriter.write(
            PolicyReader.read(
                    """
                    apiVersion: thaw.dev/v1alpha1
                    kind: WarmupPolicy
                    metadata: { name: orders }
                    spec:
                      service: '[0:0:0::0:1]:8443'
                      warmup: { requests: [ { path: "/order?c={n}" } ] }
                      metrics: {}
                    """,
                    "orders.yaml",
                    Mode.RAMP)
                .policy()
                .orElseThrow());

    Stream.of(
            "mode: ramp",
            "service: \"[::1]:8443\"",
            "target: { port: 8443 }",
            "startDeadline: 1m",
            "httpGet:",
            "path: \"/\"",
            "protocol: auto",
            "warmingRetries: 2",
            "backoff: []",
            "readyInterval: 10s",
            "method: GET",
            "expect: [200]",
            "count: 100",
            "connections: 2",
            "maxErrorRatio: 0.05",
            "port: 8443",
            "requests: \"http_requests_total\"",
            "slowAfter: 250ms",
            "preset: quick",
            "ceiling: 2m",
            "retryAfter: [5s, 15s, 45s]",
            "minRequests: 20",
            "- errors: { overPeers: 0.05, minErrors: 2 }",
            "- slow: { overPeers: 0.1 }")
        .forEach(line -> assertThat(written).contains(line));
  }

  @Test
  void everyWordHasItsValueAndBack() {
    for (Map.Entry<String, Mode> mode : Choices.MODES.entrySet()) {
      assertThat(Choices.word(Choices.MODES, mode.getValue())).isEqualTo(mode.getKey());
    }
    assertThat(Choices.MODES.values()).containsExactlyInAnyOrder(Mode.values());
    assertThat(Choices.PROTOCOLS.values())
        .containsExactlyInAnyOrder(WarmupPolicy.Protocol.values());
    assertThat(Choices.TLS_USES.values()).containsExactlyInAnyOrder(WarmupPolicy.TlsUse.values());
    assertThat(Choices.PROBE_KINDS.values())
        .containsExactlyInAnyOrder(WarmupPolicy.ProbeKind.values());
  }
}
