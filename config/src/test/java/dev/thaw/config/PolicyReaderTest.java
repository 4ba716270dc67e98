package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.GateDefaults;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import dev.thaw.config.WarmupPolicy.WarmupRequest;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void theReferencePresetHoldsForMinutesOnAbsoluteBoundsAndHasNoCeiling() {
    Birth birth =
        accepted(
                MINIMAL
                    + "  metrics: { prometheus: { url: 'http://127.0.0.1:9090' },"
                    + " series: { requests: 'hits{a=\"b\"}' } }\n"
                    + "  birth: { preset: reference }\n")
            .birth();

    assertThat(birth.ceiling()).isEmpty();
    assertThat(birth.gateDefaults().interval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(birth.ladder()).extracting(Rung::weight).containsExactly(1, 5, 20, 100);
    assertThat(birth.ladder())
        .extracting(rung -> rung.hold().toMinutes())
        .containsExactly(2L, 5L, 10L, 15L);
    assertThat(birth.ladder().get(0).gates()).isEmpty();
    assertThat(birth.ladder().get(1).gates())
        .containsExactly(
            new PromqlGate(
                "(sum(rate(hits{a=\"b\",code=~\"5..\",instance=\"$instance\"}[5m])) or vector(0))"
                    + " / sum(rate(hits{a=\"b\",instance=\"$instance\"}[5m]))",
                0.01,
                0.03));
    assertThat(birth.ladder().get(2).gates())
        .containsExactly(
            new PromqlGate(
                "histogram_quantile(0.95, sum by (le)"
                    + " (rate(http_request_duration_seconds_bucket{instance=\"$instance\"}[5m])))",
                0.8,
                1.2));
    assertThat(birth.ladder().get(3).gates()).hasSize(2);
  }

  @Test
  void whatAnOperatorSaysGoesBeforeThePreset() {
    Birth birth =
        accepted(MINIMAL + "  birth: { ceiling: null, floor: 0s, gateDefaults: {interval: 2s} }\n")
            .birth();

    assertThat(birth.ceiling()).isEmpty();
    assertThat(birth.floor()).isZero();
    assertThat(birth.gateDefaults())
        .isEqualTo(new GateDefaults(Duration.ofSeconds(2), Duration.ZERO));
    assertThat(birth.maxBreaches()).isEqualTo(3);
  }

  @Test
  void aLastRungWithoutAHoldIsWatchedAsLongAsInThePreset() {
    Birth birth =
        accepted(MINIMAL + "  birth: { ladder: [ { weight: 9, hold: 1s }, { weight: 100 } ] }\n")
            .birth();

    assertThat(birth.ladder().get(1).hold()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void anEmptyListOfGatesMeansNone() {
    Birth birth =
        accepted(MINIMAL + "  metrics: {}\n  birth: { ladder: [ {weight: 100, gates: []} ] }\n")
            .birth();

    assertThat(birth.ladder()).containsExactly(new Rung(100, Duration.ofSeconds(10), 0, List.of()));
  }

  @Test
  void aPrometheusAloneGivesNoRelativeGates() {
    WarmupPolicy policy =
        accepted(
            MINIMAL + "  metrics: { scrape: null, prometheus: { url: 'https://[::1]:9090' } }\n");

    assertThat(policy.metrics().orElseThrow().scrape()).isEmpty();
    assertThat(policy.birth().ladder()).allSatisfy(rung -> assertThat(rung.gates()).isEmpty());
    assertThat(policy.birth().ladder()).allSatisfy(rung -> assertThat(rung.minRequests()).isZero());
  }

  @Test
  void theModeOfAPolicyThatNamesNoneDependsOnWhereItIsRead() {
    assertThat(PolicyReader.read(MINIMAL, "p", Mode.OBSERVE).policy().orElseThrow().mode())
        .isEqualTo(Mode.OBSERVE);
    assertThat(
            PolicyReader.read(MINIMAL + "  mode: gate\n", "p", Mode.OBSERVE)
                .policy()
                .orElseThrow()
                .mode())
        .isEqualTo(Mode.GATE);
  }

  @Test
  void theTargetsPortIsWhatIsScrapedUnlessSaidOtherwise() {
    String target = MINIMAL + "  target: { port: 9000 }\n";

    assertThat(scrapedPort(target + "  metrics: {}\n")).isEqualTo(9000);
    assertThat(scrapedPort(target + "  metrics: { scrape: { port: 9100 } }\n")).isEqualTo(9100);
  }

  @Test
  void everyFieldOfThePolicyPageIsRead() {
    WarmupPolicy policy =
        accepted(
            """
            apiVersion: thaw.dev/v1alpha1
            kind: WarmupPolicy
            metadata: { name: orders }
            spec:
              mode: ramp
              service: 127.100.0.1:8080
              target: { port: 8080 }
              startDeadline: 60s
              probe:
                httpGet: { path: /healthz }
                protocol: auto
                tls: { enabled: auto, ca: null, serverName: null }
                timeout: 300ms
                interval: 200ms
                readyInterval: 10s
                successThreshold: 3
                failureThreshold: 3
              warmup:
                requests: [ { path: "/order?c={n}", method: GET, expect: [200] } ]
                count: 300
                connections: 3
                timeLimit: 10s
                maxErrorRatio: 0.05
              metrics:
                scrape: { port: 9100, path: /metrics, interval: 1s }
                prometheus: { url: "http://127.0.0.1:9090" }
                series: { requests: http_requests_total, errors: 'code=~"5.."', latency: http_request_duration_seconds }
                slowAfter: 250ms
              birth:
                preset: quick
                floor: 5s
                ceiling: 120s
                maxBreaches: 3
                retryAfter: [5s, 15s, 45s]
                gateDefaults: { interval: 1s, initialDelay: 0s }
                ladder:
                  - { weight: 1,  hold: 2s }
                  - { weight: 5,  hold: 2s, minRequests: 10 }
                  - weight: 20
                    hold: 3s
                    minRequests: 20
                    gates:
                      - { errors: { overPeers: 0.05, minErrors: 2 } }
                      - { slow:   { overPeers: 0.10 } }
                      - { promql: { query: "...", passBelow: 0.01, backAbove: 0.03 } }
                  - { weight: 100 }
            """);

    assertThat(policy.probe().question().path()).isEqualTo("/healthz");
    assertThat(policy.warmup().orElseThrow().requests())
        .containsExactly(new WarmupRequest("/order?c={n}", "GET", List.of(200)));
    assertThat(policy.metrics().orElseThrow().prometheus())
        .contains(URI.create("http://127.0.0.1:9090"));
    assertThat(policy.birth().ladder().get(2).gates())
        .containsExactly(
            new ErrorGate(0.05, 2), new SlowGate(0.10), new PromqlGate("...", 0.01, 0.03));
  }

  @Test
  void aPressureGateNeedsNoScrapeAndHasItsResourcesBound() {
    WarmupPolicy policy =
        accepted(
            """
            apiVersion: thaw.dev/v1alpha1
            kind: WarmupPolicy
            metadata: { name: orders }
            spec:
              service: 127.100.0.1:8080
              birth:
                ladder:
                  - weight: 100
                    hold: 2s
                    gates:
                      - { pressure: { resource: memory } }
                      - { pressure: { resource: cpu } }
                      - { pressure: { resource: io, backAbove: 0.5 } }
                      - { pressure: { resource: retransmits } }
            """);

    assertThat(policy.birth().ladder().get(0).gates())
        .containsExactly(
            new PressureGate(Pressure.MEMORY, 0.10),
            new PressureGate(Pressure.CPU, 0.80),
            new PressureGate(Pressure.IO, 0.5),
            new PressureGate(Pressure.RETRANSMITS, 5));
  }

  @Test
  void aProbeCanHaveTheReferencesCadence() {
    WarmupPolicy policy =
        accepted(
            MINIMAL
                + """
                  startDeadline: 4m
                  probe:
                    grpc: { service: shop.Orders, watch: true, port: 9000 }
                    initialDelay: 10s
                    timeout: 3s
                    warmingInterval: 1s
                    warmingRetries: 2
                    readyInterval: 30s
                    readyTimeout: 100ms
                    readyRetries: 1
                    backoff: [5s, 15s, 45s, 135s]
                """);

    assertThat(policy.probe().kind()).isEqualTo(WarmupPolicy.ProbeKind.GRPC);
    assertThat(policy.probe().question().service()).isEqualTo("shop.Orders");
    assertThat(policy.probe().question().watch()).isTrue();
    assertThat(policy.probe().port()).contains(9000);
    assertThat(policy.probe().patience())
        .isEqualTo(
            new WarmupPolicy.Patience(
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                2,
                Optional.of(Duration.ofMillis(100)),
                1,
                Stream.of(5, 15, 45, 135).map(Duration::ofSeconds).toList()));
  }

  @Test
  void aPingIsGivenLessTimeUnlessThePolicySaysMore() {
    assertThat(accepted(MINIMAL + "  probe: { ping: {} }").probe().timeout())
        .isEqualTo(Duration.ofMillis(200));
    assertThat(accepted(MINIMAL + "  probe: { ping: {}, timeout: 1s }").probe().timeout())
        .isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aPoolIsFiveConnectionsUnlessThePolicySaysOtherwise() {
    WarmupPolicy policy =
        accepted(
            MINIMAL
                + """
                  warmup:
                    requests: [ { path: / } ]
                    until: plateau
                    pool: { warming: { retries: 3 } }
                """);

    WarmupPolicy.Warmup warmup = policy.warmup().orElseThrow();
    assertThat(warmup.plateau()).contains(new WarmupPolicy.Plateau(20, 0.05));
    assertThat(warmup.pool())
        .contains(
            new WarmupPolicy.Pool(
                5,
                3,
                Duration.ofMillis(100),
                new WarmupPolicy.PoolPace(Duration.ofSeconds(1), 3, Duration.ofMillis(300)),
                new WarmupPolicy.PoolPace(Duration.ofSeconds(30), 1, Duration.ofMillis(100))));
  }

  private static int scrapedPort(String source) {
    return accepted(source).metrics().orElseThrow().scrape().orElseThrow().port();
  }

  private static WarmupPolicy accepted(String source) {
    PolicyReading reading = PolicyReader.read(source, Path.of("orders.yaml"));
    assertThat(reading.problems()).isEmpty();
    return reading.policy().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ca: ca.pem",
        "serverName: shop.test",
        "clientCert: a.pem, clientKey: a.key",
        "enabled: auto, ca: ca.pem"
      })
  void whoAsksForProofAsksForTls(String tls) {
    WarmupPolicy policy = accepted(MINIMAL + "  probe: { tls: { " + tls + " } }\n");

    assertThat(policy.probe().tls().use()).isEqualTo(WarmupPolicy.TlsUse.TRUE);
  }

  @Test
  void filesAreNamedWithTheirPlaces() {
    PolicyReading reading =
        PolicyReader.read(
            MINIMAL + "  probe: { tls: { clientKey: a.key, clientCert: a.pem } }\n",
            Path.of("p.yaml"));

    assertThat(reading.files())
        .extracting(NamedFile::holds, NamedFile::path, NamedFile::file)
        .containsExactly(
            tuple(NamedFile.Holds.CHAIN, "spec.probe.tls.clientCert", "a.pem"),
            tuple(NamedFile.Holds.KEY, "spec.probe.tls.clientKey", "a.key"));
  }
}
