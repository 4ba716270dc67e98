package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Probes against the servers that people run. */
class RealServersIT {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final int PROBES = 8;
  private static final Connector CONNECTOR = new Connector();

  @TempDir static Path folder;

  @AfterAll
  static void end() {
    CONNECTOR.close();
  }

  /** A server, what it is asked, and what it is found to speak. */
  record Row(String name, RealServer.Starter server, ProbePlan.Kind kind, String protocol) {
    @Override
    public String toString() {
      return name + " asked by " + kind + " speaks " + protocol;
    }
  }

  static Stream<Row> rows() {
    var get = ProbePlan.Kind.HTTP_GET;
    var ping = ProbePlan.Kind.HTTP2_PING;
    var grpc = ProbePlan.Kind.GRPC;
    return Stream.of(
        new Row("Go net/http", RealServer.go("nethttp", "plain"), get, "http/1.1"),
        new Row("Go net/http with h2c", RealServer.go("nethttp", "h2c"), get, "h2c"),
        new Row("Go net/http with h2c", RealServer.go("nethttp", "h2c"), ping, "h2c"),
        new Row("Go net/http with TLS", RealServer.go("nethttp", "tls"), get, "h2"),
        new Row("grpc-go", RealServer.go("grpcgo", "plain"), grpc, "h2c"),
        new Row("grpc-go", RealServer.go("grpcgo", "plain"), ping, "h2c"),
        new Row("grpc-go with TLS", RealServer.go("grpcgo", "tls"), grpc, "h2"),
        new Row("grpc-go with TLS", RealServer.go("grpcgo", "tls"), ping, "h2"),
        new Row("grpc-java", RealServer.grpcJava(), grpc, "h2c"),
        new Row("grpc-java", RealServer.grpcJava(), ping, "h2c"),
        new Row("nginx", RealServer.nginx(""), get, "http/1.1"),
        new Row("nginx with h2c", RealServer.nginx("http2"), get, "h2c"),
        new Row("nginx with TLS", RealServer.nginx("ssl http2"), get, "h2"),
        new Row("nginx with TLS, no ALPN for h2", RealServer.nginx("ssl"), get, "http/1.1+tls"),
        new Row("Node", RealServer.node("http.createServer("), get, "http/1.1"),
        new Row("Node with h2c", RealServer.node("http2.createServer("), get, "h2c"),
        new Row("Node with h2c", RealServer.node("http2.createServer("), ping, "h2c"),
        new Row("Node with TLS", RealServer.node("http2.createSecureServer(files, "), get, "h2"),
        new Row("Jetty", RealServer.jetty(), get, "h2c"),
        new Row("Jetty", RealServer.jetty(), ping, "h2c"),
        new Row("Envoy", RealServer.envoy(), get, "h2c"),
        new Row("Envoy", RealServer.envoy(), ping, "h2c"),
        new Row("Python", RealServer.python(), get, "http/1.1"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void aServerPassesEveryProbeInItsOwnProtocol(Row row) throws Exception {
    try (RealServer server = row.server().start(folder)) {
      BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
      PodProber prober = probe(server, ProbePlan.newBuilder().setKind(row.kind()), outcomes);

      for (int i = 0; i < PROBES; i++) {
        ProbeOutcome outcome = next(outcomes);
        assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.SUCCESS);
        assertThat(outcome.protocol()).isEqualTo(row.protocol());
      }
      prober.stop();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("grpcServers")
  void aWatchIsToldOnceAndTheServerIsNotPingedToDeath(Row row) throws Exception {
    try (RealServer server = row.server().start(folder)) {
      BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
      PodProber prober =
          probe(
              server,
              ProbePlan.newBuilder().setKind(ProbePlan.Kind.GRPC).setGrpcWatch(true),
              outcomes);

      for (int i = 0; i < 3 * PROBES; i++) {
        ProbeOutcome outcome = next(outcomes);
        assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.SUCCESS);
      }
      prober.stop();
    }
  }

  static Stream<Row> grpcServers() {
    return rows().filter(row -> row.kind() == ProbePlan.Kind.GRPC);
  }

  @Test
  void whoeverPingsGrpcWithoutEndIsAskedForCalm() throws Exception {
    try (RealServer server = RealServer.go("grpcgo", "plain").start(folder)) {
      HttpConnection open =
          CONNECTOR
              .connect(Target.of(new InetSocketAddress("127.0.0.1", server.port()), LONG), Wire.H2C)
              .get(20, TimeUnit.SECONDS);

      assertThat(pingUntilItFails(open).kind()).isEqualTo(Failure.Kind.CALM);
      assertThat(open.isUsable()).isFalse();
      open.close();
    }
  }

  @Test
  void aServerWithoutGrpcSaysSo() throws Exception {
    try (RealServer server = RealServer.go("nethttp", "h2c").start(folder)) {
      BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
      PodProber prober =
          probe(server, ProbePlan.newBuilder().setKind(ProbePlan.Kind.GRPC), outcomes);

      ProbeOutcome outcome = next(outcomes);

      assertThat(outcome.kind()).isEqualTo(Outcome.GRPC_STATUS);
      assertThat(outcome.detail()).endsWith("answered a gRPC call with HTTP status 404");
      prober.stop();
    }
  }

  private static Failure pingUntilItFails(HttpConnection open) throws Exception {
    for (int i = 0; i < 50; i++) {
      try {
        open.ping(i, LONG).get(20, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        return (Failure) e.getCause();
      }
    }
    throw new AssertionError("fifty PINGs were answered");
  }

  private static PodProber probe(
      RealServer server, ProbePlan.Builder plan, BlockingQueue<ProbeOutcome> outcomes) {
    var pod =
        TrackPod.newBuilder()
            .setPodUid("pod-0.x")
            .setAddress(Address.newBuilder().setHost("127.0.0.1").setPort(server.port()))
            .setProbe(
                plan.setPath("/healthz")
                    .setTimeoutNanos(LONG.toNanos())
                    .setConfirmingIntervalNanos(Duration.ofMillis(20).toNanos()))
            .build();
    var prober =
        new PodProber(
            CONNECTOR,
            "pod-0.x",
            new ProbeSpec(pod),
            Optional.empty(),
            new SplittableRandom(1),
            outcomes::add);
    prober.listening();
    return prober;
  }

  private static ProbeOutcome next(BlockingQueue<ProbeOutcome> outcomes) throws Exception {
    ProbeOutcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    assertThat(outcome).as("an outcome within 20 s").isNotNull();
    return outcome;
  }
}
