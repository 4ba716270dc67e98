package dev.thaw.app.trace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.node.http.ThrowawayCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTest {
  /** More than the heap has. */
  private static final long MUCH = 1 << 30;

  @Test
  void readsABodyOfKnownLengthAndKeepsTheConnection() throws IOException {
    Answer answer = read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(new String(answer.beginning())).isEqualTo("ok");
    assertThat(answer.keepsConnection()).isTrue();
  }

  @Test
  void readsChunksAndTrailers() throws IOException {
    Answer answer =
        read(
            "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(new String(answer.beginning())).isEqualTo("abcde");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nok"
      })
  void aServerThatDiesInTheMiddleHasNotAnswered(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(IOException.class)
        .hasMessage("the answer breaks off in its body");
  }

  @Test
  void aBodyWithoutLengthEndsTheConnection() throws IOException {
    assertThat(read("HTTP/1.1 200 OK\r\n\r\nall of it").keepsConnection()).isFalse();
    assertThat(
            read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                .keepsConnection())
        .isFalse();
    assertThat(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keepsConnection()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 1073741824\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n40000000\r\n",
        "\r\n"
      })
  void anAnswerLargerThanTheHeapIsCountedAndDropped(String head) throws IOException {
    try (var server = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
      pouring(server, "HTTP/1.1 200 OK\r\n" + head, MUCH);
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      try (Link link = open(address, new Speech(false, false, Optional.empty()))) {
        Answer answer = link.ask("localhost", "/");

        assertThat(answer.bytes()).isEqualTo(MUCH);
        assertThat(answer.beginning()).hasSize(Body.BEGINNING);
      }
    }
  }

  @Test
  void anAnswerBeforeTheAnswerIsPassedOver() throws IOException {
    assertThat(
            read("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
                .status())
        .isEqualTo(204);
  }

  @Test
  void whatIsNoHttpIsSaidToBeNone() {
    assertThatThrownBy(() -> read("\u0015\u0003\u0001"))
        .isInstanceOfSatisfying(
            Answer.NotHttp.class, e -> assertThat(e.firstByte()).isEqualTo(0x15));
    assertThatThrownBy(() -> read(""))
        .isInstanceOfSatisfying(Answer.NotHttp.class, e -> assertThat(e.firstByte()).isEqualTo(-1));
    assertThatThrownBy(() -> read("HELLO\r\n\r\n")).isInstanceOf(Answer.NotHttp.class);
    assertThatThrownBy(() -> read("HTTP/1.1 200 OK\r\nContent-Le")).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n"
      })
  void whatIsMalformedIsARefusalAndNoOtherException(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class);
  }

  @Test
  void answersOf1xxWithoutEndAreNoAnswer() {
    String text = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100_000);

    assertThatThrownBy(() -> read(text)).hasMessageContaining("answers of 1xx and no other");
  }

  @Test
  void aServerThatDripsEndsAtItsDeadline() throws Exception {
    try (var server = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
      var thread =
          new Thread(
              () -> {
                try (Socket socket = server.accept()) {
                  socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes());
                  while (true) {
                    socket.getOutputStream().write('.');
                    LockSupport.parkNanos(1_000_000); // a drop each
                  }
                } catch (IOException e) {
                  return; // the client has had enough
                }
              });
      thread.setDaemon(true);
      thread.start();
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      try (Link link = open(address, new Speech(false, false, Optional.empty()))) {
        link.limit(System.nanoTime() + Duration.ofMillis(200).toNanos());

        assertThatThrownBy(() -> link.ask("localhost", "/"))
            .isInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  @Test
  void theCurveOfTls12StandsInAMessageOfItsOwn() {
    byte[] heard =
        HexFormat.of()
            .parseHex(
                "1603030008" + "0c000004" + "03001741"); // server key exchange, named curve, P-256

    assertThat(ServerFlight.curve(heard)).hasValue("P-256");
  }

  @Property
  void whateverComesTheFlightIsReadWithoutHarm(@ForAll byte[] heard) {
    assertThat(ServerFlight.curve(heard))
        .satisfiesAnyOf(c -> assertThat(c).isEmpty(), c -> assertThat(c).isPresent());
  }

  @ParameterizedTest
  @CsvSource({"EC, P-256", "RSA, RSA-2048"})
  void aHandshakeTellsKeyCurveAndTheServersHalf(String algorithm, String key) throws Exception {
    try (ServerSocket server = tlsServer(algorithm)) {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      try (Link link = open(address, new Speech(true, false, Optional.empty()))) {
        var opening = link.opening();
        assertThat(opening.agreed().orElseThrow().key()).isEqualTo(key);
        assertThat(opening.agreed().orElseThrow().protocol()).isEqualTo("TLSv1.3");
        assertThat(opening.agreed().orElseThrow().curve()).isIn("X25519", "P-256");
        assertThat(opening.serverHello()).isPositive().isLessThanOrEqualTo(opening.tls());
        assertThat(link.ask("localhost", "/").status()).isEqualTo(200);
      }
      for (String curve : HalfHandshake.curves()) {
        assertThat(HalfHandshake.time(address, curve)).as(curve).isPresent();
      }
    }
  }

  @Test
  void aServerWithoutTlsHasNoHalfHandshake() throws Exception {
    try (var server = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
      answering(server);
      assertThat(
              HalfHandshake.time(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()),
                  "X25519"))
          .isEmpty();
    }
  }

  @Test
  void theRehearsalComesToItsEnd() throws IOException {
    Rehearsal.run(Wish.ANY);
  }

  private static Link open(InetSocketAddress address, Speech speech) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    return Link.open(address, speech, Wish.of(speech).protocols(), "localhost", deadline);
  }

  private static ServerSocket tlsServer(String algorithm) throws Exception {
    ThrowawayCertificate made = ThrowawayCertificate.make(algorithm);
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", made.key(), new char[0], new Certificate[] {made.certificate()});
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    ServerSocket server =
        context.getServerSocketFactory().createServerSocket(0, 4, InetAddress.getLoopbackAddress());
    answering(server);
    return server;
  }

  /** Answers one request with so many bytes behind its head. */
  private static void pouring(ServerSocket server, String head, long bytes) {
    var thread =
        new Thread(
            () -> {
              try (Socket socket = server.accept()) {
                socket.getInputStream().read(new byte[4096]);
                var out = socket.getOutputStream();
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                byte[] drops = new byte[1 << 16];
                for (long left = bytes; left > 0; left -= drops.length) {
                  out.write(drops);
                }
                if (head.contains("chunked")) {
                  out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                socket.shutdownOutput();
                socket.getInputStream().read(); // or what is on its way would be lost
              } catch (IOException e) {
                return; // the client has had enough
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static void answering(ServerSocket server) {
    var thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  if (socket.getInputStream().read(new byte[4096]) > 0) {
                    socket
                        .getOutputStream()
                        .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                  }
                } catch (IOException e) {
                  continue; // a handshake broken off, or the end of the test
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static Answer read(String text) throws IOException {
    return Answer.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), Body.dropped());
  }
}
