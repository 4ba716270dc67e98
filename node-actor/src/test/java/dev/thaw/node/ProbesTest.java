package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Frames;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PoolPlan;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.SetProbing.Phase;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import dev.thaw.protocol.v1.WarmupPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the owner of all probes does with what it is told. */
class ProbesTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private final BlockingQueue<FromNode> told = new LinkedBlockingQueue<>();
  private final ActorRef<Probes.Command> probes = KIT.spawn(Probes.create(told::add));

  @AfterEach
  void end() {
    KIT.stop(probes);
  }

  @Test
  void aPhaseThatIsSaidBeforeTheStartListensIsKept() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              while (true) {
                Frames.Frame frame = Frames.await(in, out, Frames.HEADERS);
                out.write(Frames.headers(frame.stream(), true, ":status", "200"));
              }
            })) {
      StartRef full = start("full");
      StartRef young = start("young");
      track(server, full);
      track(server, young);

      probes.tell(new Probes.SetPhase(full, Phase.READY));
      probes.tell(new Probes.Listening(full, 0));
      probes.tell(new Probes.Listening(young, 0));

      List<String> reports = new ArrayList<>();
      while (reports.stream().filter(young.getPodUid()::equals).count() < 10) {
        FromNode next = told.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        reports.add(next.getProbeReport().getStart().getPodUid());
      }
      assertThat(reports.stream().filter(full.getPodUid()::equals)).hasSize(1);
    }
  }

  @Test
  void aPodThatWasWarmedBeforeWeCameGetsItsPoolOfWarmConnections() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> ProberTest.serve(in, out, "200"))) {
      StartRef full = start("full");
      var pace =
          PoolPlan.Pace.newBuilder()
              .setIntervalNanos(Duration.ofHours(1).toNanos())
              .setTimeoutNanos(Duration.ofSeconds(10).toNanos());
      track(
          server,
          full,
          WarmupPlan.newBuilder()
              .setTimeLimitNanos(Duration.ofSeconds(20).toNanos())
              .setPool(
                  PoolPlan.newBuilder()
                      .setConnections(3)
                      .setInRow(2)
                      .setWarmBelowNanos(Duration.ofSeconds(10).toNanos())
                      .setWarming(pace)
                      .setReady(pace))
              .build());

      probes.tell(new Probes.SetPhase(full, Phase.READY));
      probes.tell(new Probes.Listening(full, 0));

      FromNode next = told.poll(20, TimeUnit.SECONDS);
      while (next != null && !next.hasPoolReport()) {
        next = told.poll(20, TimeUnit.SECONDS);
      }
      assertThat(next).as("a report of the pool within 20 s").isNotNull();
      assertThat(next.getPoolReport().getWarmConnections()).isEqualTo(3);
      assertThat(server.connections()).as("the probe's, and the pool's").isEqualTo(4);
    }
  }

  private void track(ScriptedServer server, StartRef start) {
    track(server, start, WarmupPlan.getDefaultInstance());
  }

  private void track(ScriptedServer server, StartRef start, WarmupPlan warmup) {
    probes.tell(
        new Probes.Track(
            TrackPod.newBuilder()
                .setPodUid(start.getPodUid())
                .setAddress(
                    Address.newBuilder().setHost("127.0.0.1").setPort(server.address().getPort()))
                .setProbe(
                    ProbePlan.newBuilder()
                        .setPath("/")
                        .setTimeoutNanos(Duration.ofSeconds(10).toNanos())
                        .setConfirmingIntervalNanos(Duration.ofMillis(10).toNanos())
                        .setClimbingIntervalNanos(Duration.ofMillis(10).toNanos())
                        .setReadyIntervalNanos(Duration.ofHours(1).toNanos()))
                .setWarmup(warmup)
                .build()));
  }

  private static StartRef start(String uid) {
    return StartRef.newBuilder().setPodUid(uid).build();
  }
}
