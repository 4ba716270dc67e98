package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a plan means to whoever dials. */
class ProbeSpecTest {
  private static final InetSocketAddress POD = new InetSocketAddress("10.0.0.7", 8080);

  @Test
  void aPlanWithAPortOfItsOwnIsProbedThere() {
    assertThat(spec(ProbePlan.newBuilder()).address()).isEqualTo(POD);
    assertThat(spec(ProbePlan.newBuilder().setPort(9000)).address())
        .isEqualTo(new InetSocketAddress("10.0.0.7", 9000));
  }

  @Test
  void pingsAndGrpcDemandHttp2AndAGetTakesWhatThereIs() {
    assertThat(target(ProbePlan.newBuilder().setKind(ProbePlan.Kind.HTTP2_PING)).demandHttp2())
        .isTrue();
    assertThat(target(ProbePlan.newBuilder().setKind(ProbePlan.Kind.GRPC)).demandHttp2()).isTrue();
    assertThat(target(ProbePlan.newBuilder()).demandHttp2()).isFalse();
    assertThat(target(ProbePlan.newBuilder().setProtocol(ProbePlan.Protocol.HTTP2)).demandHttp2())
        .isTrue();
  }

  @Test
  void namesAndFilesOfThePlanAreTheTargets() {
    Target target =
        target(
            ProbePlan.newBuilder()
                .setCaFile("ca.pem")
                .setServerName("shop.test")
                .setAuthority("shop.test:443")
                .setClientCertFile("c.pem")
                .setClientKeyFile("k.pem"));

    assertThat(target.tls().caFile()).contains("ca.pem");
    assertThat(target.tls().serverName()).contains("shop.test");
    assertThat(target.tls().clientCertificate()).contains(new Target.KeyFiles("c.pem", "k.pem"));
    assertThat(target.authority()).contains("shop.test:443");
  }

  @Test
  void theHeaderThatNamesThePodIsThePlansChoice() {
    assertThat(spec(ProbePlan.newBuilder().setIdentityHeader("X-Probe")).probeHeaders())
        .containsEntry("X-Probe", "pod-0.x")
        .doesNotContainKey("Thaw-Probe");
  }

  @Test
  void whereProbesHaveProvenNothingRequestsArePlainUnlessThePolicySaysTls() {
    ProbeSpec any = spec(ProbePlan.newBuilder());
    ProbeSpec tls = spec(ProbePlan.newBuilder().setTls(ProbePlan.Tls.TLS_ON));

    assertThat(any.wire(any.dialect())).isEqualTo(Wire.HTTP1);
    assertThat(any.wire(any.dialect().worked())).isEqualTo(Wire.H2C);
    assertThat(tls.wire(tls.dialect())).isEqualTo(Wire.TLS);
  }

  private static Target target(ProbePlan.Builder plan) {
    return spec(plan).target(POD, Duration.ofSeconds(1));
  }

  private static ProbeSpec spec(ProbePlan.Builder plan) {
    return new ProbeSpec(
        TrackPod.newBuilder()
            .setPodUid("pod-0.x")
            .setAddress(Address.newBuilder().setHost("10.0.0.7").setPort(8080))
            .setProbe(plan)
            .build());
  }
}
