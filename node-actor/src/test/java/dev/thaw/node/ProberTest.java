package dev.thaw.node;

import static dev.thaw.node.http.Frames.frame;
import static dev.thaw.node.http.Frames.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Frames;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.TrackPod;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** One prober, and what it reports, for tests against servers on loopback. */
abstract class ProberTest {
  Connector connector = new Connector();
  final BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
  PodProber prober;

  @AfterEach
  void end() {
    if (prober != null) {
      prober.stop();
    }
    connector.close();
  }

  void probe(ScriptedServer server, ProbePlan.Builder plan) {
    probe(server.address().getPort(), plan);
  }

  void probe(int port, ProbePlan.Builder plan) {
    probe(port, plan, SetProbing.Phase.CONFIRMING);
  }

  void probe(ScriptedServer server, ProbePlan.Builder plan, SetProbing.Phase phase) {
    probe(server.address().getPort(), plan, phase);
  }

  private void probe(int port, ProbePlan.Builder plan, SetProbing.Phase phase) {
    track(port, plan);
    prober.phase(phase);
    prober.listening();
  }

  /** A prober of a pod that does not listen yet. */
  void track(int port, ProbePlan.Builder plan) {
    prober =
        new PodProber(
            connector,
            "pod-0.x",
            spec(port, plan),
            Optional.empty(),
            new SplittableRandom(1),
            outcomes::add);
  }

  static ProbeSpec spec(int port, ProbePlan.Builder plan) {
    return new ProbeSpec(
        TrackPod.newBuilder()
            .setPodUid("pod-0.x")
            .setAddress(Address.newBuilder().setHost("127.0.0.1").setPort(port))
            .setProbe(plan)
            .build());
  }

  static ProbePlan.Builder plan(ProbePlan.Kind kind) {
    return ProbePlan.newBuilder()
        .setKind(kind)
        .setPath("/healthz")
        .setTimeoutNanos(Duration.ofSeconds(10).toNanos())
        .setConfirmingIntervalNanos(Duration.ofMillis(10).toNanos())
        .setClimbingIntervalNanos(Duration.ofMillis(10).toNanos())
        .setReadyIntervalNanos(Duration.ofHours(1).toNanos());
  }

  ProbeOutcome next() throws InterruptedException {
    ProbeOutcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    assertThat(outcome).as("an outcome within 20 s").isNotNull();
    return outcome;
  }

  static void serve(InputStream in, OutputStream out, String status) throws Exception {
    Frames.open(in, out);
    while (true) {
      answer(in, out, Frames.read(in), status, new CopyOnWriteArrayList<>());
    }
  }

  static void answer(
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
}
