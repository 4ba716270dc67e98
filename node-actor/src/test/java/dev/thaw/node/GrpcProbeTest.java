package dev.thaw.node;

import static dev.thaw.node.http.Frames.frame;
import static dev.thaw.node.http.Frames.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Frames;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.protocol.health.v1.HealthCheckRequest;
import dev.thaw.protocol.health.v1.HealthCheckResponse;
import dev.thaw.protocol.health.v1.HealthCheckResponse.ServingStatus;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import dev.thaw.protocol.v1.SetProbing;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** Probes by gRPC's health service against servers on loopback. */
class GrpcProbeTest extends ProberTest {
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
      probe(server, plan(ProbePlan.Kind.GRPC).setGrpcWatch(true), SetProbing.Phase.READY);
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
