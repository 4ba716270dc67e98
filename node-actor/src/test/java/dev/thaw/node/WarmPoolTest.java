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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pool's connections, warm and cold. */
class WarmPoolTest {
  private static final long GENEROUS = Duration.ofSeconds(10).toNanos();
  private final Connector connector = new Connector();
  private final BlockingQueue<WarmPool.Counts> told = new LinkedBlockingQueue<>();
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

  @Test
  void aServerThatAsksForFewerPingsIsAskedByGetFromThenOn() throws Exception {
    var pings = new AtomicInteger();
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              while (true) {
                Frames.Frame frame = Frames.read(in);
                if (frame.type() == Frames.PING && frame.flags() == 0) {
                  pings.incrementAndGet();
                  out.write(Frames.goAway(0, 11, "too_many_pings"));
                  return;
                } else if (frame.type() == Frames.HEADERS) {
                  out.write(headers(frame.stream(), true, ":status", "200"));
                }
              }
            })) {
      pool = start(server, GENEROUS, 2);

      assertThat(firstRound()).isEqualTo(new WarmPool.Counts(5, 0));
      assertThat(pings).hasValueLessThanOrEqualTo(5);
    }
  }

  @Test
  void aPoolThatIsNotReadyInTimeIsToldAsFarAsItIs() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> Frames.drain(in))) {
      pool = start(server, GENEROUS, 0);

      assertThat(pool.firstRound(Duration.ofMillis(1)).get(20, TimeUnit.SECONDS))
          .isEqualTo(new WarmPool.Counts(0, 5));
    }
  }

  @Test
  void connectionsThatTurnColdLaterAreTold() throws Exception {
    var server = ScriptedServer.start((in, out) -> answer(in, out, new AtomicInteger()));
    pool = start(server, GENEROUS, 0, Duration.ofMillis(10));
    assertThat(firstRound()).isEqualTo(new WarmPool.Counts(5, 0));

    server.close();

    WarmPool.Counts later = told.poll(20, TimeUnit.SECONDS);
    assertThat(later).isNotNull();
    assertThat(later.cold()).isPositive();
    assertThat(later.warm() + later.cold()).isEqualTo(5);
    assertThat(firstRound().cold()).as("asked again, it says how it is now").isPositive();
  }

  @Test
  void aPodThatBecomesReadyWithinARoundIsPingedByThatRoundAlone() throws Exception {
    var pings = new AtomicInteger();
    var secondRound = new CountDownLatch(5);
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.open(in, out);
              for (int answered = 0; ; ) {
                Frames.Frame frame = Frames.read(in);
                if (frame.type() == Frames.HEADERS) {
                  out.write(headers(frame.stream(), true, ":status", "200"));
                } else if (frame.type() == Frames.PING && frame.flags() == 0) {
                  pings.incrementAndGet();
                  if (answered++ < 2) {
                    out.write(frame(Frames.PING, Frames.ACK, 0, frame.payload()));
                  } else {
                    secondRound.countDown(); // and never answers
                  }
                }
              }
            })) {
      pool = start(server, GENEROUS, 0, Duration.ofMillis(1));
      firstRound();
      assertThat(secondRound.await(20, TimeUnit.SECONDS)).isTrue();

      pool.ready();
      connector.timers().schedule(() -> {}, 100, TimeUnit.MILLISECONDS).get();

      assertThat(pings).as("two in the first round, one in the second, of five").hasValue(15);
    }
  }

  private WarmPool.Counts firstRound() throws Exception {
    return pool.firstRound(Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
  }

  private WarmPool start(ScriptedServer server, long warmBelow, int retries) {
    return start(server, warmBelow, retries, Duration.ofHours(1));
  }

  private WarmPool start(ScriptedServer server, long warmBelow, int retries, Duration interval) {
    var pace =
        PoolPlan.Pace.newBuilder()
            .setIntervalNanos(interval.toNanos())
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
    return WarmPool.start(connector, to, plan, "pod-0.x", "/", told::add);
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
