package dev.thaw.node;

import static dev.thaw.node.http.Frames.frame;
import static dev.thaw.node.http.Frames.goAway;
import static dev.thaw.node.http.Frames.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Frames;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.protocol.health.v1.HealthCheckRequest;
import dev.thaw.protocol.health.v1.HealthCheckResponse;
import dev.thaw.protocol.health.v1.HealthCheckResponse.ServingStatus;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.TrackPod;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Probes of every kind against servers on loopback. */
class PodProberTest {
  private final Connector connector = new Connector();
  private final BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
  private PodProber prober;

  @AfterEach
  void end() {
    prober.stop();
    connector.close();
  }

  @Test
  void allProbesGoOverOneConnection() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "200"))) {
      probe(server, plan(ProbePlan.Kind.HTTP_GET));

      for (int i = 0; i < 3; i++) {
        ProbeOutcome outcome = next();
        assertThat(outcome.kind()).isEqualTo(Outcome.SUCCESS);
        assertThat(outcome.protocol()).isEqualTo("h2c");
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aProbeSaysWhoItIsAndWhichPodItMeans() throws Exception {
    var asked = new LinkedBlockingQueue<String>();
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              var head = new StringBuilder();
              while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
              }
              asked.add(head.toString());
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes());
              Frames.drain(in);
            })) {
      probe(
          server,
          plan(ProbePlan.Kind.HTTP_GET)
              .setProtocol(ProbePlan.Protocol.HTTP1)
              .setAuthority("shop.test")
              .addHeaders(ProbePlan.Header.newBuilder().setName("X-Tenant").setValue("a")));

      assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);
      assertThat(asked.take())
          .contains("User-Agent: thaw-probe/")
          .contains("Thaw-Probe: pod-0.x\r\n")
          .contains("X-Tenant: a\r\n")
          .containsIgnoringCase("host: shop.test\r\n");
    }
  }

  @Test
  void pingsGoOnlyAsFarAsAServersPatience() throws Exception {
    List<Integer> types = new CopyOnWriteArrayList<>();
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              while (true) {
                answer(in, out, Frames.read(in), "404", types);
              }
            })) {
      probe(server, plan(ProbePlan.Kind.HTTP2_PING));

      for (int i = 0; i < 6; i++) {
        assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);
      }
      assertThat(types.subList(0, 6))
          .containsExactly(
              Frames.PING, Frames.PING, Frames.HEADERS, Frames.PING, Frames.PING, Frames.HEADERS);
    }
  }

  @Test
  void aServerThatAsksForCalmIsNotPingedAgainAndHasNotFailed() throws Exception {
    List<Integer> types = new CopyOnWriteArrayList<>();
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              while (true) {
                Frames.Frame frame = Frames.read(in);
                if (frame.type() == Frames.PING && frame.flags() == 0) {
                  types.add(Frames.PING);
                  out.write(goAway(0, 11, "too_many_pings"));
                  return;
                }
                answer(in, out, frame, "200", types);
              }
            })) {
      probe(server, plan(ProbePlan.Kind.HTTP2_PING));

      for (int i = 0; i < 3; i++) {
        ProbeOutcome outcome = next();
        assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.SUCCESS);
      }
      assertThat(types).containsOnlyOnce(Frames.PING);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void aHealthCheckSucceedsOnceTheServiceServes() throws Exception {
    var statuses =
        new LinkedBlockingQueue<>(List.of(ServingStatus.NOT_SERVING, ServingStatus.SERVING));
    var asked = new LinkedBlockingQueue<String>();
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              while (true) {
                Frames.Frame frame = Frames.await(in, out, Frames.DATA);
                asked.add(service(frame));
                sayStatus(out, frame.stream(), statuses.take());
                out.write(headers(frame.stream(), true, "grpc-status", "0"));
              }
            })) {
      probe(server, plan(ProbePlan.Kind.GRPC).setGrpcService("shop.Orders"));

      ProbeOutcome first = next();
      assertThat(first.kind()).isEqualTo(Outcome.NOT_SERVING);
      assertThat(first.detail()).isEqualTo("its health of shop.Orders is NOT_SERVING");
      assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);
      assertThat(asked.take()).isEqualTo("shop.Orders");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aServerWithoutHealthServiceIsToldByItsGrpcStatus() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              Frames.Frame frame = Frames.await(in, out, Frames.DATA);
              out.write(
                  headers(
                      frame.stream(),
                      true,
                      ":status",
                      "200",
                      "grpc-status",
                      "12",
                      "grpc-message",
                      "unknown service"));
              Frames.drain(in);
            })) {
      probe(server, plan(ProbePlan.Kind.GRPC));

      ProbeOutcome outcome = next();
      assertThat(outcome.kind()).isEqualTo(Outcome.GRPC_STATUS);
      assertThat(outcome.detail())
          .endsWith("answered with gRPC status 12 UNIMPLEMENTED: unknown service");
    }
  }

  @Test
  void trailersThatSayOkWithoutAMessageAreNoAnswer() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              Frames.Frame frame = Frames.await(in, out, Frames.DATA);
              out.write(headers(frame.stream(), true, ":status", "200", "grpc-status", "0"));
              Frames.drain(in);
            })) {
      probe(server, plan(ProbePlan.Kind.GRPC));

      assertThat(next().kind()).isEqualTo(Outcome.TRAILERS_ONLY);
    }
  }

  @Test
  void aWatchTellsOfAChangeBeforeTheNextProbeIsDue() throws Exception {
    var change = new CountDownLatch(1);
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              Frames.Frame frame = Frames.await(in, out, Frames.DATA);
              sayStatus(out, frame.stream(), ServingStatus.SERVING);
              change.await();
              sayStatus(out, frame.stream(), ServingStatus.NOT_SERVING, false);
              Frames.drain(in);
            })) {
      long anHour = Duration.ofHours(1).toNanos();
      probe(
          server, plan(ProbePlan.Kind.GRPC).setGrpcWatch(true).setConfirmingIntervalNanos(anHour));
      assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);

      change.countDown();

      assertThat(next().kind()).isEqualTo(Outcome.NOT_SERVING);
    }
  }

  @Test
  void aWatchIsEnoughWhereTheServerAllowsOneStream() throws Exception {
    int maxConcurrentStreams = 3;
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out, maxConcurrentStreams, 1);
              Frames.Frame frame = Frames.await(in, out, Frames.DATA);
              sayStatus(out, frame.stream(), ServingStatus.SERVING);
              while (true) {
                answer(in, out, Frames.read(in), "200", new CopyOnWriteArrayList<>());
              }
            })) {
      probe(server, plan(ProbePlan.Kind.GRPC).setGrpcWatch(true));

      for (int i = 0; i < 6; i++) {
        ProbeOutcome outcome = next();
        assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.SUCCESS);
      }
    }
  }

  @Test
  void aTcpProbeOnlyConnects() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> Frames.drain(in))) {
      probe(server, plan(ProbePlan.Kind.TCP_CONNECT));

      ProbeOutcome outcome = next();
      assertThat(outcome.kind()).isEqualTo(Outcome.SUCCESS);
      assertThat(outcome.protocol()).isEqualTo("tcp");
    }
  }

  @Test
  void aTryThatFailsIsRepeatedBeforeTheProbeCountsAsFailed() throws Exception {
    var statuses = new LinkedBlockingQueue<>(List.of("200", "503", "503", "200", "200"));
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              while (true) {
                Frames.Frame frame = Frames.await(in, out, Frames.HEADERS);
                String status = statuses.poll();
                out.write(
                    headers(frame.stream(), true, ":status", status == null ? "200" : status));
              }
            })) {
      long fast = Duration.ofMillis(20).toNanos();
      probe(
          server,
          plan(ProbePlan.Kind.HTTP_GET)
              .setConfirmingIntervalNanos(Duration.ofHours(1).toNanos())
              .setClimbingIntervalNanos(fast)
              .setTimeoutNanos(Duration.ofMillis(500).toNanos())
              .setWarmingRetries(2));
      assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);

      prober.phase(SetProbing.Phase.CLIMBING);

      assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);
      assertThat(statuses).doesNotContain("503");
    }
  }

  @Test
  void aRoundTripOf300MsIsToleratedWhenThePolicyGivesTheTime() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "200"));
        var far = new FarAway(server.address(), Duration.ofMillis(150))) {
      probe(
          far.address().getPort(),
          plan(ProbePlan.Kind.HTTP_GET).setTimeoutNanos(Duration.ofSeconds(3).toNanos()));
      assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);
    }
  }

  @Test
  void aRoundTripOf300MsIsTooMuchForALimitBelowIt() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "200"));
        var far = new FarAway(server.address(), Duration.ofMillis(150))) {
      probe(
          far.address().getPort(),
          plan(ProbePlan.Kind.HTTP_GET).setTimeoutNanos(Duration.ofMillis(100).toNanos()));
      assertThat(next().kind()).isIn(Outcome.HUNG, Outcome.SLOW);
    }
  }

  private void probe(ScriptedServer server, ProbePlan.Builder plan) {
    probe(server.address().getPort(), plan);
  }

  private void probe(int port, ProbePlan.Builder plan) {
    var pod =
        TrackPod.newBuilder()
            .setPodUid("pod-0.x")
            .setAddress(Address.newBuilder().setHost("127.0.0.1").setPort(port))
            .setProbe(plan)
            .build();
    prober =
        new PodProber(
            connector,
            "pod-0.x",
            new ProbeSpec(pod),
            Optional.empty(),
            new SplittableRandom(1),
            outcomes::add);
    prober.listening();
  }

  private static ProbePlan.Builder plan(ProbePlan.Kind kind) {
    return ProbePlan.newBuilder()
        .setKind(kind)
        .setPath("/healthz")
        .setTimeoutNanos(Duration.ofSeconds(10).toNanos())
        .setConfirmingIntervalNanos(Duration.ofMillis(10).toNanos())
        .setClimbingIntervalNanos(Duration.ofMillis(10).toNanos())
        .setReadyIntervalNanos(Duration.ofHours(1).toNanos());
  }

  private ProbeOutcome next() throws InterruptedException {
    ProbeOutcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    assertThat(outcome).as("an outcome within 20 s").isNotNull();
    return outcome;
  }

  private static void serve(InputStream in, OutputStream out, String status) throws Exception {
    Frames.open(in, out);
    while (true) {
      answer(in, out, Frames.read(in), status, new CopyOnWriteArrayList<>());
    }
  }

  private static void answer(
      InputStream in, OutputStream out, Frames.Frame frame, String status, List<Integer> types)
      throws Exception {
    if (frame.type() == Frames.PING && frame.flags() == 0) {
      types.add(Frames.PING);
      out.write(frame(Frames.PING, Frames.ACK, 0, frame.payload()));
    } else if (frame.type() == Frames.HEADERS) {
      types.add(Frames.HEADERS);
      out.write(headers(frame.stream(), true, ":status", status));
    } else if (frame.type() == Frames.SETTINGS && frame.flags() == 0) {
      out.write(frame(Frames.SETTINGS, Frames.ACK, 0));
    }
  }

  private static String service(Frames.Frame data) throws Exception {
    byte[] message = Arrays.copyOfRange(data.payload(), 5, data.payload().length);
    return HealthCheckRequest.parseFrom(message).getService();
  }

  private static void sayStatus(OutputStream out, int stream, ServingStatus status)
      throws Exception {
    sayStatus(out, stream, status, true);
  }

  private static void sayStatus(
      OutputStream out, int stream, ServingStatus status, boolean withHead) throws Exception {
    if (withHead) {
      out.write(headers(stream, false, ":status", "200", "content-type", "application/grpc"));
    }
    byte[] message = HealthCheckResponse.newBuilder().setStatus(status).build().toByteArray();
    var framed = new ByteArrayOutputStream();
    framed.write(0);
    framed.writeBytes(Frames.number(message.length));
    framed.writeBytes(message);
    out.write(frame(Frames.DATA, 0, stream, framed.toByteArray()));
  }
}
