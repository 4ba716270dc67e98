package dev.thaw.node.http;

import static dev.thaw.node.http.Frames.all;
import static dev.thaw.node.http.Frames.answering;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each way in which an HTTP/2 server can fail a request is an outcome of its own, in a sentence.
 */
class HostileHttp2Test {
  private static final Connector CONNECTOR = new Connector();
  private static final Duration SHORT = Duration.ofMillis(200);

  /** For a server's first bytes to come, however busy the machine is. */
  private static final Duration ENOUGH = Duration.ofSeconds(2);

  private static final Duration LONG = Duration.ofSeconds(10);
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INITIAL_WINDOW = 4;

  @AfterAll
  static void end() {
    CONNECTOR.close();
  }

  /**
   * One way to fail.
   *
   * @param what the server does
   * @param limit for the answer
   * @param sentence how what is told ends, as a pattern
   */
  private record Way(
      String what,
      Duration limit,
      ScriptedServer.Script script,
      Failure.Kind kind,
      String sentence) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Way> waysToFailARequest() {
    return Stream.of(
        new Way(
            "it asks for calm and says why",
            LONG,
            answering(goAway(0, 11, "too many of you")),
            Failure.Kind.CALM,
            "sent GOAWAY ENHANCE_YOUR_CALM: too many of you"),
        new Way(
            "it takes leave",
            LONG,
            answering(goAway(0, 0, "")),
            Failure.Kind.GOAWAY,
            "sent GOAWAY NO_ERROR"),
        new Way(
            "its window overflows",
            LONG,
            answering(frame(Frames.WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE))),
            Failure.Kind.FLOW_CONTROL,
            "broke HTTP/2's flow control.*"),
        new Way(
            "it is silent after its settings",
            SHORT,
            answering(frame(Frames.SETTINGS, Frames.ACK, 0)),
            Failure.Kind.HUNG,
            ""),
        new Way(
            "its body drips",
            ENOUGH,
            answering(
                all(headers(3, false, ":status", "200"), frame(Frames.DATA, 0, 3, (byte) '.'))),
            Failure.Kind.SLOW,
            "began to answer and did not end within 2000 ms.*"),
        new Way(
            "its headers are without measure",
            LONG,
            answering(
                headers(3, true, ":status", "200", "x", "y".repeat(8000), "z", "y".repeat(8300))),
            Failure.Kind.OVERSIZED,
            ""),
        new Way(
            "it sends garbage after its settings",
            LONG,
            answering(frame(Frames.HEADERS, Frames.END_HEADERS, 3, (byte) 0xff, (byte) 0xff)),
            Failure.Kind.PROTOCOL_ERROR,
            "sent no proper HTTP/2.*"),
        new Way(
            "it sends interim answers alone",
            ENOUGH,
            answering(headers(3, false, ":status", "103")),
            Failure.Kind.INTERIM_ONLY,
            "sent 1xx and no answer.*"));
  }

  @ParameterizedTest
  @MethodSource("waysToFailARequest")
  void aRequestFailsByItsOwnKindWithASentence(Way way) throws Exception {
    try (var server = ScriptedServer.start(way.script())) {
      HttpConnection open = connect(server);

      Failure failure = failureOf(get(open, way.limit()));

      assertFailed(way, failure);
      open.close();
    }
  }

  static Stream<Way> waysToFailAConnection() {
    return Stream.of(
        new Way(
            "its settings are forbidden",
            SHORT,
            (in, out) -> {
              open(in, out, INITIAL_WINDOW, -1);
              drain(in);
            },
            Failure.Kind.SETTINGS,
            "sent SETTINGS that HTTP/2 does not allow.*"),
        new Way(
            "it takes the connection and is silent",
            SHORT,
            (in, out) -> drain(in),
            Failure.Kind.HUNG,
            "took the connection and said nothing within 200 ms.*"));
  }

  @ParameterizedTest
  @MethodSource("waysToFailAConnection")
  void aConnectionFailsByItsOwnKindWithASentence(Way way) throws Exception {
    try (var server = ScriptedServer.start(way.script())) {
      assertFailed(
          way, failureOf(CONNECTOR.connect(Target.of(server.address(), way.limit()), Wire.H2C)));
    }
  }

  private static void assertFailed(Way way, Failure failure) {
    assertThat(failure.kind()).isEqualTo(way.kind());
    assertThat(failure).hasMessageMatching("(?s).*" + way.sentence());
  }

  @Test
  void aRequestThatTheServerStillAnswersSurvivesItsGoAway() throws Exception {
    try (var server =
        ScriptedServer.start(
            answering(all(goAway(3, 0, ""), headers(3, true, ":status", "204"))))) {
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
            answering(
                frame(Frames.RST_STREAM, 0, 3, number(7)), headers(5, true, ":status", "200")))) {
      HttpConnection open = connect(server);

      Failure failure = failureOf(get(open, LONG));
      assertThat(failure.kind()).isEqualTo(Failure.Kind.STREAM_RESET);
      assertThat(failure).hasMessageEndingWith("reset the stream: REFUSED_STREAM");
      assertThat(get(open, LONG).get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
      open.close();
    }
  }

  @Test
  void anOpenConnectionThatFallsSilentIsHalfOpen() throws Exception {
    try (var server = ScriptedServer.start(answering(headers(3, true, ":status", "200")))) {
      HttpConnection open = connect(server);
      get(open, LONG).get(10, TimeUnit.SECONDS);

      Failure failure = failureOf(get(open, SHORT));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.HALF_OPEN);
      assertThat(failure).hasMessageContaining("fell silent on an open connection");
      open.close();
    }
  }

  @Test
  void anAnswerAfterInterimOnesCounts() throws Exception {
    try (var server =
        ScriptedServer.start(
            answering(
                all(
                    headers(3, false, ":status", "100"),
                    headers(3, false, ":status", "103"),
                    headers(3, true, ":status", "200"))))) {
      HttpConnection open = connect(server);

      assertThat(get(open, LONG).get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
      open.close();
    }
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
