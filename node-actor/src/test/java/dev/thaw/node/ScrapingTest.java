package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Frames;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.node.http.Sockets;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ScrapePlan;
import dev.thaw.protocol.v1.TrackPod;
import java.io.EOFException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reading a pod's metrics page. */
class ScrapingTest {
  private static final String PAGE = "http_requests_total{code=\"200\"} 7\n";
  private final Connector connector = new Connector();
  private Scraping scraping;
  private PodProber prober;

  @AfterEach
  void end() {
    prober.stop();
    scraping.close();
    connector.close();
  }

  @Test
  void onePageAtATimeIsReadOverOneConnection() throws Exception {
    var answer = new CountDownLatch(1);
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              while (true) {
                head(in);
                answer.await();
                out.write(
                    ("HTTP/1.1 200 OK\r\nContent-Length: " + PAGE.length() + "\r\n\r\n" + PAGE)
                        .getBytes(StandardCharsets.US_ASCII));
              }
            })) {
      scrape(server, Optional.empty());

      var first = scraping.read(prober);
      var second = scraping.read(prober);
      assertThat(second.get(20, TimeUnit.SECONDS)).isEmpty();
      answer.countDown();

      assertThat(first.get(20, TimeUnit.SECONDS).orElseThrow().getRequests()).isEqualTo(7);
      assertThat(scraping.read(prober).get(20, TimeUnit.SECONDS).orElseThrow().getOk()).isTrue();
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aConnectionThatOpensAfterTheEndIsClosed() throws Exception {
    var gone = new CompletableFuture<Void>();
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              Frames.drain(in);
              gone.complete(null);
            })) {
      var asked = new CompletableFuture<Void>();
      var socket = new CompletableFuture<SocketChannel>();
      Sockets held =
          towards -> {
            asked.complete(null);
            return socket;
          };
      scrape(server, Optional.of(held));

      scraping.read(prober);
      asked.get(20, TimeUnit.SECONDS);
      scraping.close();
      connector.timers().submit(() -> {}).get();
      socket.complete(SocketChannel.open());

      assertThat(gone.get(20, TimeUnit.SECONDS)).isNull();
    }
  }

  private static void head(InputStream in) throws Exception {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      head.append((char) next);
    }
  }

  private void scrape(ScriptedServer server, Optional<Sockets> inside) {
    var address =
        Address.newBuilder().setHost("127.0.0.1").setPort(server.address().getPort()).build();
    var pod =
        TrackPod.newBuilder()
            .setPodUid("pod-0.x")
            .setAddress(address)
            .setProbe(ProbePlan.newBuilder().setProtocol(ProbePlan.Protocol.HTTP1))
            .setScrape(
                ScrapePlan.newBuilder()
                    .setAddress(address)
                    .setPath("/metrics")
                    .setIntervalNanos(Duration.ofSeconds(20).toNanos())
                    .setRequestsSeries("http_requests_total")
                    .setErrorsSelector("code=~\"5..\"")
                    .setLatencySeries("latency"))
            .build();
    var spec = new ProbeSpec(pod);
    prober =
        new PodProber(connector, "pod-0.x", spec, inside, new SplittableRandom(1), outcome -> {});
    scraping = new Scraping(connector, spec, pod, Runnable::run);
  }
}
