package dev.thaw.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over loopback, against servers that keep no rule. */
class ConnectorTest {
  /** The preface, and a SETTINGS frame without settings. */
  private static final int PREFACE = 24;

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  private final Connector connector = new Connector();
  private UnrulyServer server;

  @AfterEach
  void close() throws IOException {
    connector.close();
    if (server != null) {
      server.close();
    }
  }

  @Test
  void whereNobodyListensTheConnectionIsRefused() throws IOException {
    InetSocketAddress free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = (InetSocketAddress) socket.getLocalSocketAddress();
    }

    assertThat(failure(connector.connect(target(free), Wire.HTTP1)).kind())
        .isEqualTo(Failure.Kind.REFUSED);
    assertThat(failure(connector.touch(target(free))).kind()).isEqualTo(Failure.Kind.REFUSED);
  }

  @Test
  void aTouchSaysNothing() throws Exception {
    var read = new CompletableFuture<Integer>();
    serve(socket -> read.complete(socket.getInputStream().read()));

    connector.touch(target()).get(10, TimeUnit.SECONDS);

    assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
  }

  @Test
  void anHttp1AnswerIsReadAndTheConnectionKept() throws Exception {
    serve(
        socket -> {
          for (int i = 0; i < 2; i++) {
            request(socket);
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        });
    HttpConnection connection = open(Wire.HTTP1);

    assertThat(reply(get(connection))).isEqualTo(new Reply(200, "ok"));
    assertThat(connection.isUsable()).isTrue();
    assertThat(reply(get(connection))).isEqualTo(new Reply(200, "ok"));
    assertThat(connection.protocol()).isEqualTo("http/1.1");
  }

  @Test
  void ofAnAnswerNobodyReadsOnlyTheStatusIsKept() throws Exception {
    serve(
        socket -> {
          request(socket);
          write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });

    assertThat(reply(open(Wire.HTTP1).send("GET", "/", Map.of(), LIMIT)))
        .isEqualTo(new Reply(200, ""));
  }

  @Test
  void theLimitIsOneForTheSocketAndAllThatFollows() {
    serve(socket -> {});
    Sockets never = towards -> new CompletableFuture<>();

    Failure failure =
        failure(
            connector.connect(target(server.address(), Duration.ofMillis(50)), Wire.H2C, never));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.TIMEOUT);
  }

  @Test
  void anAnswerThatEndsTheConnectionMakesItUseless() throws Exception {
    serve(
        socket -> {
          request(socket);
          write(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        });
    HttpConnection connection = open(Wire.HTTP1);

    assertThat(reply(get(connection)).status()).isEqualTo(200);
    assertThat(connection.isUsable()).isFalse();
  }

  @Test
  void garbageIsNoHttp1Answer() throws Exception {
    serve(
        socket -> {
          request(socket);
          write(socket, "\u0001\u0002 garbage garbage garbage\r\n\r\n");
        });

    Failure failure = failure(get(open(Wire.HTTP1)));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.PROTOCOL_ERROR);
    assertThat(failure).hasMessageContaining("sent no HTTP/1.1 answer");
  }

  @Test
  void halfAnAnswerIsNone() throws Exception {
    serve(
        socket -> {
          request(socket);
          write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal");
          socket.close();
        });

    Failure failure = failure(get(open(Wire.HTTP1)));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.RESET);
    assertThat(failure).hasMessageEndingWith("closed the connection in the middle of its answer");
  }

  @Test
  void aResetInsteadOfAnAnswerIsOne() throws Exception {
    serve(
        socket -> {
          request(socket);
          socket.setSoLinger(true, 0);
          socket.close();
        });

    assertThat(failure(get(open(Wire.HTTP1))).kind()).isEqualTo(Failure.Kind.RESET);
  }

  @Test
  void overHttp1ThereIsNoPing() throws Exception {
    serve(socket -> {});

    assertThat(failure(open(Wire.HTTP1).ping(1, LIMIT)).kind())
        .isEqualTo(Failure.Kind.WRONG_PROTOCOL);
  }

  @Test
  void whoTakesTheConnectionAndSaysNothingHasNotProvenHttp2() {
    serve(socket -> {});
    var target = target(server.address(), Duration.ofMillis(100));

    Failure failure = failure(connector.connect(target, Wire.H2C));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.HUNG);
    assertThat(failure).hasMessageContaining("said nothing within 100 ms");
  }

  @Test
  void anHttp1AnswerToThePrefaceIsTheWrongProtocol() {
    serve(socket -> write(socket, "HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n"));

    assertThat(failure(connector.connect(target(), Wire.H2C)).kind())
        .isEqualTo(Failure.Kind.WRONG_PROTOCOL);
  }

  @Test
  void aSettingsFrameProvesHttp2AndAPingIsAnswered() throws Exception {
    serve(
        socket -> {
          preface(socket);
          byte[] ping = frame(socket, 6);
          socket.getOutputStream().write(new byte[] {0, 0, 8, 6, 1, 0, 0, 0, 0});
          socket.getOutputStream().write(ping);
        });

    HttpConnection connection = open(Wire.H2C);

    assertThat(connection.protocol()).isEqualTo("h2c");
    assertThat(connection.ping(77, LIMIT).get(10, TimeUnit.SECONDS)).isNull();
  }

  @Test
  void afterGoAwayTheConnectionIsUselessAndPingsFail() throws Exception {
    serve(
        socket -> {
          preface(socket);
          frame(socket, 6);
          // GOAWAY: last stream 0, ENHANCE_YOUR_CALM
          socket
              .getOutputStream()
              .write(new byte[] {0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11});
        });
    HttpConnection connection = open(Wire.H2C);

    Failure failure = failure(connection.ping(77, LIMIT));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.CALM);
    assertThat(failure).hasMessageContaining("GOAWAY").hasMessageContaining("ENHANCE_YOUR_CALM");
    assertThat(connection.isUsable()).isFalse();
  }

  @Test
  void aStreamThatIsResetIsTold() throws Exception {
    serve(
        socket -> {
          preface(socket);
          frame(socket, 1);
          // RST_STREAM: stream 3 (netty keeps 1 for an upgrade), REFUSED_STREAM
          socket.getOutputStream().write(new byte[] {0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 7});
        });
    HttpConnection connection = open(Wire.H2C);

    Failure failure = failure(get(connection));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.STREAM_RESET);
    assertThat(failure).hasMessageContaining("REFUSED_STREAM");
    assertThat(connection.isUsable()).isTrue();
  }

  @Test
  void garbageAfterTheSettingsEndsTheConnection() throws Exception {
    serve(
        socket -> {
          preface(socket);
          frame(socket, 1);
          socket
              .getOutputStream()
              .write("garbage, and more garbage".getBytes(StandardCharsets.US_ASCII));
        });
    HttpConnection connection = open(Wire.H2C);

    assertThat(failure(get(connection)).kind())
        .isIn(Failure.Kind.PROTOCOL_ERROR, Failure.Kind.RESET);
    assertThat(connection.isUsable()).isFalse();
  }

  @Test
  void whoSpeaksPlainlyHasNoTls() {
    serve(socket -> write(socket, "HTTP/1.1 400 Bad Request\r\n\r\n"));

    Failure failure = failure(connector.connect(target(), Wire.TLS));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.NO_TLS);
    assertThat(failure).hasMessageEndingWith(" speaks no TLS: it answered in HTTP/1.1");
  }

  @Test
  void whoClosesDuringTheHandshakeHasNoTls() {
    serve(Socket::close);

    assertThat(failure(connector.connect(target(), Wire.TLS)).kind())
        .isEqualTo(Failure.Kind.TLS_FAILED);
  }

  private void serve(UnrulyServer.Script script) {
    server = new UnrulyServer(script);
  }

  private Target target() {
    return target(server.address());
  }

  private static Target target(InetSocketAddress address) {
    return target(address, Duration.ofSeconds(10));
  }

  private static Target target(InetSocketAddress address, Duration timeout) {
    return Target.of(address, timeout);
  }

  private HttpConnection open(Wire wire) throws Exception {
    return connector.connect(target(), wire).get(10, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Reply> get(HttpConnection connection) {
    return connection.read("/", Map.of(), Duration.ZERO);
  }

  private static Reply reply(CompletableFuture<Reply> reply) throws Exception {
    return reply.get(10, TimeUnit.SECONDS);
  }

  private static Failure failure(CompletableFuture<?> future) {
    Throwable thrown = catchThrowable(() -> future.get(15, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return (Failure) thrown.getCause();
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Reads one request without a body. */
  private static void request(Socket socket) throws IOException {
    int blank = 0;
    while (blank < 4) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("the client went away");
      }
      blank = next == '\r' || next == '\n' ? blank + 1 : 0;
    }
  }

  private static void preface(Socket socket) throws IOException {
    socket.getInputStream().readNBytes(PREFACE);
    socket.getOutputStream().write(SETTINGS);
  }

  /** Reads frames until one of this type has come; returns what it carries. */
  private static byte[] frame(Socket socket, int type) throws IOException {
    while (true) {
      byte[] header = socket.getInputStream().readNBytes(9);
      if (header.length < 9) {
        throw new IOException("the client went away");
      }
      int length =
          Byte.toUnsignedInt(header[0]) << 16
              | Byte.toUnsignedInt(header[1]) << 8
              | Byte.toUnsignedInt(header[2]);
      byte[] payload = socket.getInputStream().readNBytes(length);
      if (header[3] == type) {
        return payload;
      }
    }
  }
}
