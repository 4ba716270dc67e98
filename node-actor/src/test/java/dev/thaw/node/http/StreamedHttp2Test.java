package dev.thaw.node.http;

import static dev.thaw.node.http.Frames.all;
import static dev.thaw.node.http.Frames.answering;
import static dev.thaw.node.http.Frames.await;
import static dev.thaw.node.http.Frames.drain;
import static dev.thaw.node.http.Frames.frame;
import static dev.thaw.node.http.Frames.goAway;
import static dev.thaw.node.http.Frames.headers;
import static dev.thaw.node.http.Frames.number;
import static dev.thaw.node.http.Frames.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StreamedHttp2Test {
  /** Frames of 16 KiB: together more than the window that HTTP/2 begins with. */
  private static final int MANY = 6;

  private static final int FRAME = 16_384;
  private static final int LONGEST_MILLIS = 20_000;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /** What a test does with the client's side. */
  private interface Exchange {
    void with(StreamedHttp2 http) throws Exception;
  }

  private static void against(ScriptedServer.Script script, Exchange exchange) throws Exception {
    try (var server = ScriptedServer.start(script);
        Socket socket = to(server);
        StreamedHttp2 http = over(socket)) {
      exchange.with(http);
    }
  }

  @Test
  void oneRequestAfterTheOtherIsAnsweredOnOneConnection() throws Exception {
    against(
        answering(ok(3), ok(5)),
        http -> {
          long asked = System.nanoTime();

          StreamedHttp2.Answered first = get(http);
          StreamedHttp2.Answered second = get(http);

          assertThat(first.status()).isEqualTo(200);
          assertThat(first.contentType()).isEqualTo("text/x");
          assertThat(body.toString()).isEqualTo("okok");
          assertThat(first.grpcStatus()).isEqualTo(-1);
          assertThat(first.firstByteNanos()).isGreaterThan(asked);
          assertThat(first.lastByteNanos()).isGreaterThanOrEqualTo(first.firstByteNanos());
          assertThat(second.firstByteNanos()).isGreaterThan(first.lastByteNanos());
          assertThat(second.keepsConnection()).isTrue();
        });
  }

  private static byte[] ok(int stream) {
    return all(
        headers(stream, false, ":status", "200", "content-type", "text/x"),
        frame(Frames.DATA, Frames.END_STREAM, stream, (byte) 'o', (byte) 'k'));
  }

  @Test
  void anAnswerLargerThanTheWindowComesWhole() throws Exception {
    against(
        (in, out) -> {
          open(in, out);
          await(in, out, Frames.HEADERS);
          out.write(headers(3, false, ":status", "200"));
          for (int i = 0; i < MANY; i++) {
            out.write(frame(Frames.DATA, 0, 3, new byte[FRAME]));
            if (i == MANY / 2 - 1) {
              await(in, out, Frames.WINDOW_UPDATE); // or the rest would not fit
            }
          }
          out.write(frame(Frames.DATA, Frames.END_STREAM, 3));
          drain(in);
        },
        http -> {
          get(http);

          assertThat(body.size()).isEqualTo(MANY * FRAME);
        });
  }

  @Test
  void aCallSendsAnEmptyMessageAndTellsItsStatus() throws Exception {
    against(
        (in, out) -> {
          open(in, out);
          await(in, out, Frames.HEADERS);
          Frames.Frame message = await(in, out, Frames.DATA);
          out.write(headers(3, false, ":status", "200", "content-type", "application/grpc"));
          out.write(frame(Frames.DATA, 0, 3, message.payload()));
          out.write(headers(3, true, "grpc-status", "12"));
          drain(in);
        },
        http -> {
          StreamedHttp2.Answered answered =
              http.call("localhost", "grpc.health.v1.Health/Check", Map.of(), body);

          assertThat(answered.status()).isEqualTo(200);
          assertThat(answered.grpcStatus()).isEqualTo(12);
          assertThat(body.toByteArray()).containsExactly(0, 0, 0, 0, 0);
        });
  }

  @Test
  void whatAnswersInAnotherProtocolIsNoHttp2() throws Exception {
    against(
        (in, out) -> {
          out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          drain(in);
        },
        http ->
            assertThatThrownBy(() -> get(http))
                .isInstanceOf(StreamedHttp2.NotHttp2.class)
                .hasMessageContaining("its first byte is 72"));
  }

  @Test
  void aResetAndAFarewellAreToldWithTheirNames() throws Exception {
    against(
        answering(frame(Frames.RST_STREAM, 0, 3, number(7)), goAway(3, 11, "")),
        http -> {
          assertThatThrownBy(() -> get(http))
              .hasMessage("the server reset the stream: REFUSED_STREAM");
          assertThatThrownBy(() -> get(http))
              .hasMessage("the server sent GOAWAY ENHANCE_YOUR_CALM");
        });
  }

  static Stream<Arguments> ends() {
    return Stream.of(
        arguments(
            "it closes at the first bytes", (ScriptedServer.Script) (in, out) -> in.readNBytes(24)),
        arguments(
            "its frames break the rules: data before any headers, an empty window",
            answering(
                all(
                    frame(Frames.DATA, 0, 3, (byte) 1),
                    frame(Frames.WINDOW_UPDATE, 0, 0, number(0))))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ends")
  void whatIsNoExchangeIsAnEndAndNotAHang(String what, ScriptedServer.Script script)
      throws Exception {
    against(script, http -> assertThatThrownBy(() -> get(http)).isInstanceOf(IOException.class));
  }

  @Test
  void aBodyThatNobodyCanTakeEndsItsExchange() throws Exception {
    OutputStream closed = OutputStream.nullOutputStream();
    closed.close();

    against(
        answering(ok(3)),
        http ->
            assertThatThrownBy(() -> http.get("localhost", "/", Map.of(), closed))
                .hasMessage("Stream closed"));
  }

  private static Socket to(ScriptedServer server) throws IOException {
    var socket = new Socket(server.address().getAddress(), server.address().getPort());
    socket.setSoTimeout(LONGEST_MILLIS);
    return socket;
  }

  private static StreamedHttp2 over(Socket socket) throws IOException {
    return new StreamedHttp2(socket.getInputStream(), socket.getOutputStream(), false);
  }

  private StreamedHttp2.Answered get(StreamedHttp2 http) throws IOException {
    return http.get("localhost", "/", Map.of("user-agent", "test"), body);
  }
}
