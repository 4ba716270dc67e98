package dev.thaw.node;

import static dev.thaw.node.http.Frames.frame;
import static dev.thaw.node.http.Frames.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Frames;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.node.http.Sockets;
import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.PoolPlan;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pool's connections, warm and cold. */
class WarmPoolTest {
  private static final long GENEROUS = Duration.ofSeconds(10).toNanos();
  private final Connector connector = new Connector();
  private WarmPool pool;

  @AfterEach
  void end() {
    pool.close();
    connector.close();
  }

  @Test
  void connectionsThatAnswerThreePingsFastEnoughAreWarm() throws Exception {
    var pings = new AtomicInteger();
    try (var server = ScriptedServer.start((in, out) -> answer(in, out, pings))) {
      pool = start(server, GENEROUS, 2);

      assertThat(firstRound()).isEqualTo(new WarmPool.Counts(5, 0));
      assertThat(server.connections()).isEqualTo(5);
      assertThat(pings).as("two each; a GET stands in for the third").hasValue(10);
    }
  }

  @Test
  void connectionsThatAnswerTooSlowlyAreColdAndOpenedAnewForEachRetry() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> answer(in, out, new AtomicInteger()))) {
      pool = start(server, 1, 2);

      assertThat(firstRound()).isEqualTo(new WarmPool.Counts(0, 5));
      assertThat(server.connections()).isEqualTo(15);
    }
  }

  private WarmPool.Counts firstRound() throws Exception {
    return pool.firstRound().get(20, TimeUnit.SECONDS);
  }

  private WarmPool start(ScriptedServer server, long warmBelow, int retries) {
    var pace =
        PoolPlan.Pace.newBuilder()
            .setIntervalNanos(Duration.ofHours(1).toNanos())
            .setTimeoutNanos(GENEROUS)
            .setRetries(retries);
    var plan =
        PoolPlan.newBuilder()
            .setConnections(5)
            .setInRow(3)
            .setWarmBelowNanos(warmBelow)
            .setWarming(pace)
            .setReady(pace)
            .build();
    var to =
        new WarmupRun.Destination(
            Target.of(server.address(), Duration.ofSeconds(10)), Wire.H2C, Sockets.HERE, Map.of());
    return WarmPool.start(connector, to, plan, "pod-0.x", "/");
  }

  private static void answer(InputStream in, OutputStream out, AtomicInteger pings)
      throws Exception {
    Frames.open(in, out);
    while (true) {
      Frames.Frame frame = Frames.read(in);
      if (frame.type() == Frames.PING && frame.flags() == 0) {
        pings.incrementAndGet();
        out.write(frame(Frames.PING, Frames.ACK, 0, frame.payload()));
      } else if (frame.type() == Frames.HEADERS) {
        out.write(headers(frame.stream(), true, ":status", "200"));
      }
    }
  }
}
