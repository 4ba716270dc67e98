package dev.thaw.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ResourceLeakDetector;
import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Thousands of connections, good and bad, leave nothing behind. */
class ConnectionLeakTest {
  private static final int AT_A_TIME = 50;

  private final List<String> leaks = new CopyOnWriteArrayList<>();
  private ResourceLeakDetector.Level before;

  @BeforeEach
  void watch() {
    before = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ByteBufUtil.setLeakListener((resource, records) -> leaks.add(resource + " " + records));
  }

  @AfterEach
  void restore() {
    ByteBufUtil.setLeakListener(null);
    ResourceLeakDetector.setLevel(before);
  }

  @Test
  void neitherBuffersNorDescriptorsAreLeftOfTenThousandConnections() throws Exception {
    var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    assertNothingIsLeftOf(10_000, Wire.H2C, listener);
  }

  @Test
  void neitherBuffersNorDescriptorsAreLeftOfAThousandConnectionsOverTls() throws Exception {
    assertNothingIsLeftOf(1_000, Wire.TLS, tlsListener());
  }

  private void assertNothingIsLeftOf(int connects, Wire wire, ServerSocket listener)
      throws Exception {
    var turn = new AtomicInteger();
    var answered = new AtomicInteger();
    try (var connector = new Connector();
        var server =
            ScriptedServer.on(listener, (in, out) -> behave(turn.getAndIncrement(), in, out))) {
      connect(connector, server, wire).join(); // what is loaded once is loaded
      int descriptors = descriptors();
      var room = new Semaphore(AT_A_TIME);
      for (int i = 0; i < connects; i++) {
        room.acquire();
        connect(connector, server, wire)
            .whenComplete(
                (good, never) -> {
                  if (good) {
                    answered.incrementAndGet();
                  }
                  room.release();
                });
      }
      assertThat(room.tryAcquire(AT_A_TIME, 60, TimeUnit.SECONDS)).isTrue();

      assertThat(answered).as("the good server's turn").hasValueGreaterThanOrEqualTo(connects / 6);
      assertThat(leaksFound()).isEmpty();
      awaitNoMoreThan(descriptors + AT_A_TIME);
    }
  }

  private static ServerSocket tlsListener() throws Exception {
    X509Bundle shown =
        new CertificateBuilder()
            .subject("CN=localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    return TlsListener.open(shown.toKeyManagerFactory().getKeyManagers(), null, "h2");
  }

  /** Ends when the connection is closed: whether it was answered. */
  private static CompletableFuture<Boolean> connect(
      Connector connector, ScriptedServer server, Wire wire) {
    return connector
        .connect(Target.of(server.address(), Duration.ofSeconds(10)), wire)
        .thenCompose(
            open ->
                open.send("GET", "/", Map.of(), Duration.ofSeconds(10))
                    .whenComplete((reply, thrown) -> open.close()))
        .handle((reply, thrown) -> thrown == null);
  }

  /** In turn: a good server, and those that are not. */
  private static void behave(int turn, InputStream in, OutputStream out) throws Exception {
    if (turn % 6 == 1) {
      out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return;
    } else if (turn % 6 == 2) {
      return;
    }
    Frames.open(in, out);
    Frames.await(in, out, Frames.HEADERS);
    switch (turn % 6) {
      case 3 -> out.write(Frames.goAway(0, 2, "no"));
      case 4 -> out.write(Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 3, (byte) 0xff));
      case 5 -> out.write(Frames.headers(3, false, ":status", "200"));
      default -> {
        out.write(Frames.headers(3, false, ":status", "200"));
        out.write(Frames.frame(Frames.DATA, Frames.END_STREAM, 3, new byte[2_000]));
        Frames.drain(in);
      }
    }
  }

  /** A lost buffer is reported at an allocation after it was collected. */
  private List<String> leaksFound() throws InterruptedException {
    for (int i = 0; i < 10; i++) {
      System.gc();
      Connector.BUFFERS.directBuffer(16).release();
    }
    return leaks;
  }

  private static int descriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  /** Sockets are closed on the event loop's and the server's own time. */
  private static void awaitNoMoreThan(int most) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (descriptors() > most) {
      assertThat(System.nanoTime()).as("open descriptors: " + descriptors()).isLessThan(deadline);
      Thread.sleep(10);
    }
  }
}
