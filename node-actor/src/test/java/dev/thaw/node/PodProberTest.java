package dev.thaw.node;

import static dev.thaw.node.http.Frames.frame;
import static dev.thaw.node.http.Frames.goAway;
import static dev.thaw.node.http.Frames.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Frames;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import dev.thaw.protocol.v1.SetProbing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Probes by GET, PING and TCP against servers on loopback. */
class PodProberTest extends ProberTest {
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

  @Test
  void aPodIsAskedOverTlsOnceOurSideIsReadyAndItsTimeCountsFromThen() throws Exception {
    long limit = Duration.ofMillis(50).toNanos();
    long interval = Duration.ofMillis(300).toNanos();
    var rehearsed = new CountDownLatch(1);
    connector.close();
    connector = new Connector(() -> await(rehearsed));
    try (var server = ScriptedServer.start((in, out) -> Frames.drain(in))) {
      probe(
          server,
          plan(ProbePlan.Kind.HTTP_GET)
              .setTls(ProbePlan.Tls.TLS_ON)
              .setTimeoutNanos(limit)
              .setConfirmingIntervalNanos(interval));
      connector.timers().schedule(() -> {}, interval, TimeUnit.NANOSECONDS).get();
      assertThat(server.connections()).isZero();
      assertThat(outcomes).isEmpty();

      long ready = Clocks.monotonicNanos();
      rehearsed.countDown();

      ProbeOutcome outcome = next();
      assertThat(outcome.kind()).isEqualTo(Outcome.HUNG);
      assertThat(outcome.sentNanos()).isGreaterThanOrEqualTo(ready);
      assertThat(outcome.answeredNanos() - outcome.sentNanos()).isGreaterThan(limit / 2);
      assertThat(next().sentNanos() - outcome.sentNanos()).isGreaterThan(interval / 2);
    }
  }

  @Test
  void tlsIsRehearsedOnceAPodThatSpeaksItIsKnownAndForNoOther() throws Exception {
    var rehearsals = new CountDownLatch(1);
    connector.close();
    connector = new Connector(rehearsals::countDown);
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "200"))) {
      probe(server, plan(ProbePlan.Kind.HTTP_GET));
      assertThat(next().kind()).isEqualTo(Outcome.SUCCESS);
      prober.stop();
      probe(server, plan(ProbePlan.Kind.TCP_CONNECT).setTls(ProbePlan.Tls.TLS_ON));
      while (!next().protocol().equals("tcp")) {}
      prober.stop();
      assertThat(rehearsals.getCount()).isEqualTo(1);

      track(server.address().getPort(), plan(ProbePlan.Kind.HTTP_GET).setTls(ProbePlan.Tls.TLS_ON));

      assertThat(rehearsals.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
