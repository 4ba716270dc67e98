package dev.thaw.node.http;

import static dev.thaw.node.http.HostileHttp2Test.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Each way in which an HTTP/1.1 server, or none, can fail a request. */
class HostileHttp1Test {
  private static final Connector CONNECTOR = new Connector();
  private static final Duration SHORT = Duration.ofMillis(200);

  /** For a server's first bytes to come, however busy the machine is. */
  private static final Duration ENOUGH = Duration.ofSeconds(2);

  private static final Duration LONG = Duration.ofSeconds(10);

  @AfterAll
  static void end() {
    CONNECTOR.close();
  }

  @Test
  void nobodyListens() throws Exception {
    InetSocketAddress free;
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = (InetSocketAddress) listener.getLocalSocketAddress();
    }

    Failure failure = failureOf(CONNECTOR.connect(Target.of(free, LONG), Wire.HTTP1));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.REFUSED);
    assertThat(failure)
        .hasMessage(
            "127.0.0.1 port " + free.getPort() + " refused the connection: nobody listens there");
  }

  @Test
  void silenceIsAHang() throws Exception {
    assertThat(whenAsked(SHORT, "", true).kind()).isEqualTo(Failure.Kind.HUNG);
  }

  @Test
  void aHeadThatDoesNotEndIsSlow() throws Exception {
    assertThat(whenAsked(ENOUGH, "HTTP/1.1 200 OK\r\nContent-", true).kind())
        .isEqualTo(Failure.Kind.SLOW);
  }

  @Test
  void aBodyThatDoesNotEndIsSlow() throws Exception {
    assertThat(whenAsked(ENOUGH, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", true).kind())
        .isEqualTo(Failure.Kind.SLOW);
  }

  @Test
  void anEndBeforeTheAnswerIsAReset() throws Exception {
    Failure failure = whenAsked(LONG, "", false);

    assertThat(failure.kind()).isEqualTo(Failure.Kind.RESET);
    assertThat(failure).hasMessageEndingWith("closed the connection before it answered");
  }

  @Test
  void garbageIsNoAnswer() throws Exception {
    Failure failure = whenAsked(LONG, "220 smtp ready\r\n\r\n", true);

    assertThat(failure.kind()).isEqualTo(Failure.Kind.PROTOCOL_ERROR);
    assertThat(failure).hasMessageContaining("sent no HTTP/1.1 answer");
  }

  @Test
  void headersWithoutMeasureAreOversized() throws Exception {
    String head = "HTTP/1.1 200 OK\r\n" + ("x: " + "y".repeat(1000) + "\r\n").repeat(20) + "\r\n";

    assertThat(whenAsked(LONG, head, true).kind()).isEqualTo(Failure.Kind.OVERSIZED);
  }

  @Test
  void aBodyOverTheLimitIsOversized() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n";

    assertThat(whenAsked(LONG, head, true).kind()).isEqualTo(Failure.Kind.OVERSIZED);
  }

  @Test
  void interimAnswersAloneAreNoAnswer() throws Exception {
    assertThat(whenAsked(ENOUGH, "HTTP/1.1 102 Processing\r\n\r\n", true).kind())
        .isEqualTo(Failure.Kind.INTERIM_ONLY);
  }

  @Test
  void anAnswerAfterInterimOnesCounts() throws Exception {
    try (var server =
        answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", true)) {
      HttpConnection open = connect(server);

      assertThat(open.send("GET", "/", Map.of(), LONG).get(10, TimeUnit.SECONDS).status())
          .isEqualTo(204);
      open.close();
    }
  }

  @Test
  void thereIsNoPingAndNoGrpc() throws Exception {
    try (var server = answering("", true)) {
      HttpConnection open = connect(server);

      assertThat(open.mayPing()).isFalse();
      assertThat(failureOf(open.ping(1, LONG)).kind()).isEqualTo(Failure.Kind.WRONG_PROTOCOL);
      open.close();
    }
  }

  @Test
  void anHttp1ServerIsNoHttp2ServerWhateverItAnswersToThePreface() throws Exception {
    try (var server = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true)) {
      Failure failure = failureOf(CONNECTOR.connect(Target.of(server.address(), LONG), Wire.H2C));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_PROTOCOL);
    }
  }

  private static ScriptedServer answering(String text, boolean staysOpen) {
    return ScriptedServer.start(
        (in, out) -> {
          readHead(in);
          say(out, text);
          if (staysOpen) {
            Frames.drain(in);
          }
        });
  }

  private static void readHead(InputStream in) throws Exception {
    int last = 0;
    while (last != 0x0d0a0d0a) {
      int next = in.read();
      if (next < 0) {
        return;
      }
      last = last << 8 | next;
    }
  }

  private static void say(OutputStream out, String text) throws Exception {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static HttpConnection connect(ScriptedServer server) throws Exception {
    return CONNECTOR
        .connect(Target.of(server.address(), LONG), Wire.HTTP1)
        .get(10, TimeUnit.SECONDS);
  }

  private static Failure whenAsked(Duration limit, String answer, boolean staysOpen)
      throws Exception {
    try (var server = answering(answer, staysOpen)) {
      HttpConnection open = connect(server);
      Failure failure = failureOf(open.send("GET", "/", Map.of(), limit));
      open.close();
      return failure;
    }
  }
}
