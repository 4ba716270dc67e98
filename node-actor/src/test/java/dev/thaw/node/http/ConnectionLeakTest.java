package dev.thaw.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
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

/** Ten thousand connections, good and bad, leave nothing behind. */
class ConnectionLeakTest {
  private static final int CONNECTS = 10_000;
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
    var turn = new AtomicInteger();
    var outcomes = new AtomicInteger();
    try (var connector = new Connector();
        var server = ScriptedServer.start((in, out) -> behave(turn.getAndIncrement(), in, out))) {
      connect(connector, server).join(); // what is loaded once is loaded
      int descriptors = descriptors();
      var room = new Semaphore(AT_A_TIME);
      for (int i = 0; i < CONNECTS; i++) {
        room.acquire();
        connect(connector, server)
            .whenComplete(
                (done, thrown) -> {
                  outcomes.incrementAndGet();
                  room.release();
                });
      }
      assertThat(room.tryAcquire(AT_A_TIME, 60, TimeUnit.SECONDS)).isTrue();

      assertThat(outcomes).hasValue(CONNECTS);
      assertThat(leaksFound()).isEmpty();
      awaitNoMoreThan(descriptors + AT_A_TIME);
    }
  }

  /** Ends when the connection is closed, whatever came of it. */
  private static CompletableFuture<Void> connect(Connector connector, ScriptedServer server) {
    return connector
        .connect(Target.of(server.address(), Duration.ofSeconds(10)), Wire.H2C)
        .thenCompose(
            open ->
                open.send("GET", "/", Map.of(), Duration.ofSeconds(10))
                    .whenComplete((reply, thrown) -> open.close()))
        .handle((reply, thrown) -> null);
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
