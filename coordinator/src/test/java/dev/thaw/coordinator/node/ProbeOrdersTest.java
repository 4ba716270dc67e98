package dev.thaw.coordinator.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.PolicyReader;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.protocol.v1.PoolPlan;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.WarmupPlan;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a policy's probe and warm-up become on the wire. */
class ProbeOrdersTest {
  private static final String HEAD =
      """
      apiVersion: thaw.dev/v1alpha1
      kind: WarmupPolicy
      metadata: { name: orders }
      spec:
        service: 127.100.0.1:8080
      """;

  @Test
  void everyFieldOfAProbeReachesTheNode() {
    ProbePlan plan =
        ProbeOrders.probe(
            read("""
                      probe:
                        grpc: { service: shop.Orders, watch: true, port: 9000 }
                        protocol: HTTP2
                        appProtocol: https
                        authority: shop.test
                        identityHeader: X-Probe
                        tls: { enabled: true, ca: ca.pem, serverName: shop.test, clientCert: c.pem, clientKey: k.pem }
                        initialDelay: 1s
                        timeout: 3s
                        warmingInterval: 2s
                        warmingRetries: 4
                        readyTimeout: 100ms
                        readyRetries: 5
                        backoff: [5s, 15s]
                    """)
                .probe());

    assertThat(plan.getKind()).isEqualTo(ProbePlan.Kind.GRPC);
    assertThat(plan.getGrpcService()).isEqualTo("shop.Orders");
    assertThat(plan.getGrpcWatch()).isTrue();
    assertThat(plan.getPort()).isEqualTo(9000);
    assertThat(plan.getProtocol()).isEqualTo(ProbePlan.Protocol.HTTP2);
    assertThat(plan.getAppProtocol()).isEqualTo(ProbePlan.AppProtocol.HTTPS);
    assertThat(plan.getAuthority()).isEqualTo("shop.test");
    assertThat(plan.getIdentityHeader()).isEqualTo("X-Probe");
    assertThat(plan.getTls()).isEqualTo(ProbePlan.Tls.TLS_ON);
    assertThat(plan.getCaFile()).isEqualTo("ca.pem");
    assertThat(plan.getServerName()).isEqualTo("shop.test");
    assertThat(plan.getClientCertFile()).isEqualTo("c.pem");
    assertThat(plan.getClientKeyFile()).isEqualTo("k.pem");
    assertThat(plan.getInitialDelayNanos()).isEqualTo(seconds(1));
    assertThat(plan.getTimeoutNanos()).isEqualTo(seconds(3));
    assertThat(plan.getClimbingIntervalNanos()).isEqualTo(seconds(2));
    assertThat(plan.getWarmingRetries()).isEqualTo(4);
    assertThat(plan.getReadyTimeoutNanos()).isEqualTo(Duration.ofMillis(100).toNanos());
    assertThat(plan.getReadyRetries()).isEqualTo(5);
    assertThat(plan.getBackoffNanosList()).containsExactly(seconds(5), seconds(15));
  }

  @Test
  void headersOfAGetReachTheNode() {
    ProbePlan plan =
        ProbeOrders.probe(
            read("  probe: { httpGet: { httpHeaders: [ { name: X-Tenant, value: a } ] } }")
                .probe());

    assertThat(plan.getHeadersList())
        .containsExactly(ProbePlan.Header.newBuilder().setName("X-Tenant").setValue("a").build());
  }

  @Test
  void everyFieldOfAWarmupReachesTheNode() {
    WarmupPlan plan =
        ProbeOrders.warmup(
            read("""
                      warmup:
                        requests: [ { path: /a, method: HEAD, expect: [204] } ]
                        perSecond: 2.5
                        until: plateau
                        plateau: { window: 7, tolerance: 0.2 }
                        pool: { connections: 3, warming: { interval: 2s } }
                    """)
                .warmup()
                .orElseThrow());

    assertThat(plan.getRequests(0).getMethod()).isEqualTo("HEAD");
    assertThat(plan.getPerSecond()).isEqualTo(2.5);
    assertThat(plan.getPlateau().getWindow()).isEqualTo(7);
    assertThat(plan.getPlateau().getTolerance()).isEqualTo(0.2);
    assertThat(plan.getPool().getConnections()).isEqualTo(3);
    assertThat(plan.getPool().getWarming())
        .isEqualTo(
            PoolPlan.Pace.newBuilder()
                .setIntervalNanos(seconds(2))
                .setTimeoutNanos(Duration.ofMillis(300).toNanos())
                .setRetries(2)
                .build());
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  private static WarmupPolicy read(String spec) {
    return PolicyReader.read(HEAD + spec, Path.of("orders.yaml")).policy().orElseThrow();
  }
}
