package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Sockets;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.PoolPlan;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import dev.thaw.protocol.v1.TrackPod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real gRPC server that demands a certificate of its clients, asked in every way there is. */
class MutualTlsIT {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final int PROBES = 8;
  private static final Connector CONNECTOR = new Connector();

  @TempDir static Path folder;
  private static RealServer server;

  private final BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
  private Optional<PodProber> prober = Optional.empty();

  @BeforeAll
  static void start() throws Exception {
    server = RealServer.go("grpcgo", "mtls").start(folder);
  }

  @AfterAll
  static void end() throws Exception {
    server.close();
    CONNECTOR.close();
  }

  @AfterEach
  void stop() {
    prober.ifPresent(PodProber::stop);
  }

  @Test
  void checkIsAnsweredToWhoShowsACertificate() throws Exception {
    probe(withCertificate().setKind(ProbePlan.Kind.GRPC));

    assertAllSucceed();
  }

  @Test
  void watchIsAnsweredToWhoShowsACertificate() throws Exception {
    probe(withCertificate().setKind(ProbePlan.Kind.GRPC).setGrpcWatch(true));

    assertAllSucceed();
  }

  @Test
  void pingIsAnsweredToWhoShowsACertificate() throws Exception {
    probe(withCertificate().setKind(ProbePlan.Kind.HTTP2_PING));

    assertAllSucceed();
  }

  @Test
  void whoShowsNoCertificateIsToldThatOneIsDemanded() throws Exception {
    probe(
        ProbePlan.newBuilder()
            .setKind(ProbePlan.Kind.GRPC)
            .setTls(ProbePlan.Tls.TLS_ON)
            .setCaFile(file("server.pem"))
            .setServerName("localhost"));

    ProbeOutcome outcome = next();

    assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.TLS_CLIENT_CERTIFICATE);
  }

  @Test
  void aPoolIsWarmedOverConnectionsWithACertificate() throws Exception {
    var spec = new ProbeSpec(pod(withCertificate()));
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

    WarmPool pool = WarmPool.start(CONNECTOR, to, plan, "pod-0.x", "/", counts -> {});

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

  private static ProbePlan.Builder withCertificate() {
    return ProbePlan.newBuilder()
        .setTls(ProbePlan.Tls.TLS_ON)
        .setCaFile(file("server.pem"))
        .setServerName("localhost")
        .setClientCertFile(file("server.pem"))
        .setClientKeyFile(file("server.key"));
  }

  private static TrackPod pod(ProbePlan.Builder plan) {
    return TrackPod.newBuilder()
        .setPodUid("pod-0.x")
        .setAddress(Address.newBuilder().setHost("127.0.0.1").setPort(server.port()))
        .setProbe(
            plan.setTimeoutNanos(LONG.toNanos())
                .setConfirmingIntervalNanos(Duration.ofMillis(20).toNanos()))
        .build();
  }

  private void probe(ProbePlan.Builder plan) {
    var made =
        new PodProber(
            CONNECTOR,
            "pod-0.x",
            new ProbeSpec(pod(plan)),
            Optional.empty(),
            new SplittableRandom(1),
            outcomes::add);
    prober = Optional.of(made);
    made.listening();
  }

  private ProbeOutcome next() throws Exception {
    ProbeOutcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    assertThat(outcome).as("an outcome within 20 s").isNotNull();
    return outcome;
  }
}
