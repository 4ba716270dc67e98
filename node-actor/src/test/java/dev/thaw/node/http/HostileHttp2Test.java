package dev.thaw.node.http;

import static dev.thaw.node.http.Frames.await;
import static dev.thaw.node.http.Frames.drain;
import static dev.thaw.node.http.Frames.frame;
import static dev.thaw.node.http.Frames.goAway;
import static dev.thaw.node.http.Frames.headers;
import static dev.thaw.node.http.Frames.number;
import static dev.thaw.node.http.Frames.open;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Each way in which an HTTP/2 server can fail a request is an outcome of its own, in a sentence.
 */
class HostileHttp2Test {
  private static final Connector CONNECTOR = new Connector();
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INITIAL_WINDOW = 4;

  @AfterAll
  static void end() {
    CONNECTOR.close();
  }

  @Test
  void goAwayIsToldWithItsCodeAndWords() throws Exception {
    Failure failure =
        whenAsked(
            LONG,
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(goAway(0, 11, "too many of you"));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.CALM);
    assertThat(failure).hasMessageEndingWith("sent GOAWAY ENHANCE_YOUR_CALM: too many of you");
  }

  @Test
  void anotherGoAwayEndsTheConnectionAndSaysSo() throws Exception {
    Failure failure =
        whenAsked(
            LONG,
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(goAway(0, 0, ""));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.GOAWAY);
    assertThat(failure).hasMessageEndingWith("sent GOAWAY NO_ERROR");
  }

  @Test
  void aRequestThatTheServerStillAnswersSurvivesItsGoAway() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(goAway(3, 0, ""));
              out.write(headers(3, true, ":status", "204"));
              drain(in);
            })) {
      HttpConnection open = connect(server);

      assertThat(get(open, LONG).get(10, TimeUnit.SECONDS).status()).isEqualTo(204);
      assertThat(open.isUsable()).isFalse();
      open.close();
    }
  }

  @Test
  void aResetOfTheStreamLeavesTheConnection() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(frame(Frames.RST_STREAM, 0, 3, number(7)));
              await(in, out, Frames.HEADERS);
              out.write(headers(5, true, ":status", "200"));
              drain(in);
            })) {
      HttpConnection open = connect(server);

      Failure failure = failureOf(get(open, LONG));
      assertThat(failure.kind()).isEqualTo(Failure.Kind.STREAM_RESET);
      assertThat(failure).hasMessageEndingWith("reset the stream: REFUSED_STREAM");
      assertThat(get(open, LONG).get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
      open.close();
    }
  }

  @Test
  void settingsThatHttp2ForbidsAreNamed() throws Exception {
    Failure failure =
        whenConnected(
            (in, out) -> {
              open(in, out, INITIAL_WINDOW, -1);
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.SETTINGS);
    assertThat(failure).hasMessageContaining("sent SETTINGS that HTTP/2 does not allow");
  }

  @Test
  void aWindowThatOverflowsBreaksFlowControl() throws Exception {
    Failure failure =
        whenAsked(
            LONG,
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(frame(Frames.WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE)));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.FLOW_CONTROL);
    assertThat(failure).hasMessageContaining("broke HTTP/2's flow control");
  }

  @Test
  void aServerThatGivesNoWindowIsNotBlamedForSilence() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              open(in, out, INITIAL_WINDOW, 0);
              drain(in);
            })) {
      HttpConnection open = connect(server);
      open.call("/x/Y", Map.of(), new byte[3], new Quiet());
      runInLoop();

      assertThat(late(open).kind()).isEqualTo(Failure.Kind.FLOW_CONTROL);
      assertThat(late(open)).hasMessageContaining("gave no window");
      open.close();
    }
  }

  @Test
  void aServerThatTakesTheConnectionAndIsSilentHangs() throws Exception {
    Failure failure = whenConnected((in, out) -> drain(in));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.HUNG);
    assertThat(failure).hasMessageContaining("took the connection and said nothing within 200 ms");
  }

  @Test
  void aServerThatIsSilentAfterItsSettingsHangs() throws Exception {
    Failure failure =
        whenAsked(
            SHORT,
            (in, out) -> {
              open(in, out);
              out.write(frame(Frames.SETTINGS, Frames.ACK, 0));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.HUNG);
  }

  @Test
  void anOpenConnectionThatFallsSilentIsHalfOpen() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(headers(3, true, ":status", "200"));
              drain(in);
            })) {
      HttpConnection open = connect(server);
      get(open, LONG).get(10, TimeUnit.SECONDS);

      Failure failure = failureOf(get(open, SHORT));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.HALF_OPEN);
      assertThat(failure).hasMessageContaining("fell silent on an open connection");
      open.close();
    }
  }

  @Test
  void aBodyThatDripsIsSlow() throws Exception {
    Failure failure =
        whenAsked(
            SHORT,
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(headers(3, false, ":status", "200"));
              out.write(frame(Frames.DATA, 0, 3, (byte) '.'));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.SLOW);
    assertThat(failure).hasMessageContaining("began to answer and did not end within 200 ms");
  }

  @Test
  void headersWithoutMeasureAreOversized() throws Exception {
    Failure failure =
        whenAsked(
            LONG,
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(
                  headers(3, true, ":status", "200", "x", "y".repeat(8000), "z", "y".repeat(8300)));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.OVERSIZED);
  }

  @Test
  void garbageAfterTheSettingsIsNoAnswer() throws Exception {
    Failure failure =
        whenAsked(
            LONG,
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(frame(Frames.HEADERS, Frames.END_HEADERS, 3, (byte) 0xff, (byte) 0xff));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.PROTOCOL_ERROR);
    assertThat(failure).hasMessageContaining("sent no proper HTTP/2");
  }

  @Test
  void interimAnswersAloneAreNoAnswer() throws Exception {
    Failure failure =
        whenAsked(
            SHORT,
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(headers(3, false, ":status", "103"));
              drain(in);
            });

    assertThat(failure.kind()).isEqualTo(Failure.Kind.INTERIM_ONLY);
    assertThat(failure).hasMessageContaining("sent 1xx and no answer");
  }

  @Test
  void anAnswerAfterInterimOnesCounts() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              open(in, out);
              await(in, out, Frames.HEADERS);
              out.write(headers(3, false, ":status", "100"));
              out.write(headers(3, false, ":status", "103"));
              out.write(headers(3, true, ":status", "200"));
              drain(in);
            })) {
      HttpConnection open = connect(server);

      assertThat(get(open, LONG).get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
      open.close();
    }
  }

  @Test
  void aSecondStreamIsRefusedWhereTheServerAllowsOne() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              open(in, out, MAX_CONCURRENT_STREAMS, 1);
              drain(in);
            })) {
      HttpConnection open = connect(server);
      CompletableFuture<Reply> first = get(open, LONG);

      Failure failure = failureOf(get(open, LONG));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.STREAM_LIMIT);
      assertThat(failure).hasMessageContaining("allows 1 streams at once");
      assertThat(first).isNotDone();
      open.close();
    }
  }

  @Test
  void twoPingsAreSentBetweenTheServersAnswersAndNoMore() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              open(in, out);
              while (true) {
                Frames.Frame frame = Frames.read(in);
                if (frame.type() == Frames.PING) {
                  out.write(frame(Frames.PING, Frames.ACK, 0, frame.payload()));
                } else if (frame.type() == Frames.HEADERS) {
                  out.write(headers(frame.stream(), true, ":status", "200"));
                }
              }
            })) {
      HttpConnection open = connect(server);
      open.ping(1, LONG).get(10, TimeUnit.SECONDS);
      assertThat(open.mayPing()).isTrue();
      open.ping(2, LONG).get(10, TimeUnit.SECONDS);
      assertThat(open.mayPing()).isFalse();

      get(open, LONG).get(10, TimeUnit.SECONDS);

      assertThat(open.mayPing()).isTrue();
      open.close();
    }
  }

  private static HttpConnection connect(ScriptedServer server) throws Exception {
    return CONNECTOR.connect(Target.of(server.address(), LONG), Wire.H2C).get(10, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Reply> get(HttpConnection open, Duration limit) {
    return open.send("GET", "/", Map.of(), limit);
  }

  /** How a GET to this server fails. */
  private static Failure whenAsked(Duration limit, ScriptedServer.Script script) throws Exception {
    try (var server = ScriptedServer.start(script)) {
      HttpConnection open = connect(server);
      Failure failure = failureOf(get(open, limit));
      open.close();
      return failure;
    }
  }

  /** How a connection to this server fails. */
  private static Failure whenConnected(ScriptedServer.Script script) throws Exception {
    try (var server = ScriptedServer.start(script)) {
      return failureOf(CONNECTOR.connect(Target.of(server.address(), SHORT), Wire.H2C));
    }
  }

  private static Failure late(HttpConnection open) throws Exception {
    return CONNECTOR.timers().submit(() -> open.late(SHORT)).get();
  }

  private static void runInLoop() throws Exception {
    CONNECTOR.timers().submit(() -> {}).get();
  }

  static Failure failureOf(CompletableFuture<?> future) throws Exception {
    try {
      throw new AssertionError("it came to " + future.get(20, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return (Failure) e.getCause();
    }
  }

  private static final class Quiet implements GrpcObserver {
    @Override
    public void message(byte[] bytes) {}

    @Override
    public void completed() {}

    @Override
    public void failed(Failure failure) {}
  }
}
