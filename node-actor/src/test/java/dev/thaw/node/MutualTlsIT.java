package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Sockets;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.PoolPlan;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real gRPC server that demands a certificate of its clients, asked in every way there is. */
class MutualTlsIT extends ProberTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final int PROBES = 8;

  @TempDir static Path folder;
  private static RealServer server;

  @BeforeAll
  static void start() throws Exception {
    server = RealServer.go("grpcgo", "mtls").start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void checkIsAnsweredToWhoShowsACertificate() throws Exception {
    probe(server.port(), withCertificate(ProbePlan.Kind.GRPC));

    assertAllSucceed();
  }

  @Test
  void watchIsAnsweredToWhoShowsACertificate() throws Exception {
    probe(server.port(), withCertificate(ProbePlan.Kind.GRPC).setGrpcWatch(true));

    assertAllSucceed();
  }

  @Test
  void pingIsAnsweredToWhoShowsACertificate() throws Exception {
    probe(server.port(), withCertificate(ProbePlan.Kind.HTTP2_PING));

    assertAllSucceed();
  }

  @Test
  void whoShowsNoCertificateIsToldThatOneIsDemanded() throws Exception {
    probe(
        server.port(),
        plan(ProbePlan.Kind.GRPC)
            .setTls(ProbePlan.Tls.TLS_ON)
            .setCaFile(file("server.pem"))
            .setServerName("localhost"));

    ProbeOutcome outcome = next();

    assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.TLS_CLIENT_CERTIFICATE);
  }

  @Test
  void aPoolIsWarmedOverConnectionsWithACertificate() throws Exception {
    ProbeSpec spec = spec(server.port(), withCertificate(ProbePlan.Kind.HTTP2_PING));
    var pace =
        PoolPlan.Pace.newBuilder().setIntervalNanos(LONG.toNanos()).setTimeoutNanos(LONG.toNanos());
    var plan =
        PoolPlan.newBuilder()
            .setConnections(5)
            .setInRow(2)
            .setWarmBelowNanos(LONG.toNanos())
            .setWarming(pace)
            .setReady(pace)
            .build();
    var to =
        new WarmupRun.Destination(
            spec.target(spec.address(), LONG), Wire.TLS, Sockets.HERE, Map.of());

    WarmPool pool = WarmPool.start(connector, to, plan, "pod-0.x", "/", counts -> {});

    assertThat(pool.firstRound(LONG).get(20, TimeUnit.SECONDS))
        .isEqualTo(new WarmPool.Counts(5, 0));
    pool.close();
  }

  private void assertAllSucceed() throws Exception {
    for (int i = 0; i < PROBES; i++) {
      ProbeOutcome outcome = next();
      assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.SUCCESS);
      assertThat(outcome.protocol()).isEqualTo("h2");
    }
  }

  private static String file(String name) {
    return folder.resolve(name).toString();
  }

  private static ProbePlan.Builder withCertificate(ProbePlan.Kind kind) {
    return plan(kind)
        .setTls(ProbePlan.Tls.TLS_ON)
        .setCaFile(file("server.pem"))
        .setServerName("localhost")
        .setClientCertFile(file("server.pem"))
        .setClientKeyFile(file("server.key"));
  }
}
