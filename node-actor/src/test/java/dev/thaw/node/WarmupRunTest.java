package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.ScriptedServer;
import dev.thaw.node.http.Sockets;
import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.WarmupPlan;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Warm-up requests against a server on loopback. */
class WarmupRunTest {
  private final Connector connector = new Connector();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private volatile CyclicBarrier held;
  private final AtomicInteger silent = new AtomicInteger();

  @AfterEach
  void end() {
    connector.close();
  }

  @Test
  void asManyAsCountedAreSentInTurnNoMoreAtOnceThanConnections() throws Exception {
    held = new CyclicBarrier(3); // an answer needs three requests at once; a fourth would be seen
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "200 OK"))) {
      WarmupLog.Counts counts = run(server, plan().setCount(42).setConnections(3)).counts();

      assertThat(counts.sent()).isEqualTo(42);
      assertThat(counts.errors()).isZero();
      assertThat(counts.courseNanos()).hasSize(10);
      assertThat(mostAtOnce).hasValue(3);
      assertThat(heads)
          .hasSize(42)
          .allSatisfy(head -> assertThat(head).contains("Thaw-Warmup: pod-0.x"))
          .anySatisfy(head -> assertThat(head).startsWith("GET /a?n=38 "))
          .anySatisfy(head -> assertThat(head).startsWith("HEAD /b?n=39 "));
    }
  }

  @Test
  void anAnswerThatWasNotExpectedIsCountedAndSaid() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "503 No"))) {
      WarmupLog.Counts counts = run(server, plan().setCount(1).setConnections(1)).counts();

      assertThat(counts.errors()).isEqualTo(1);
      assertThat(counts.lastError()).isEqualTo("GET /a?n=0 answered with status 503");
    }
  }

  @Test
  void itEndsAtThePlateau() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "200 OK"))) {
      WarmupLog.Counts counts =
          run(
                  server,
                  plan()
                      .setCount(100_000)
                      .setConnections(2)
                      .setPlateau(WarmupPlan.Plateau.newBuilder().setWindow(5).setTolerance(1)))
              .counts();

      assertThat(counts.plateauAfter()).isEqualTo(15);
      assertThat(counts.sent()).isBetween(15, 16);
    }
  }

  @Test
  void aServerThatFallsSilentAfterItsFirstAnswerHasFailed() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              if (silent.getAndIncrement() == 0) {
                serve(in, out, "200 OK");
              } else {
                in.transferTo(OutputStream.nullOutputStream());
              }
            })) {
      WarmupLog.Counts counts =
          run(
                  server,
                  plan()
                      .setCount(9)
                      .setConnections(1)
                      .setTimeLimitNanos(Duration.ofMillis(500).toNanos()))
              .counts();

      assertThat(counts.errors()).isEqualTo(1);
      assertThat(counts.lastError()).isEqualTo("no answer by the warm-up's time limit");
    }
  }

  @Test
  void requestsKeepToTheRate() throws Exception {
    try (var server = ScriptedServer.start((in, out) -> serve(in, out, "200 OK"))) {
      WarmupRun.Result result = run(server, plan().setCount(6).setConnections(2).setPerSecond(20));

      assertThat(result.endedNanos() - result.beganNanos())
          .as("the sixth is due after five twentieths of a second")
          .isGreaterThanOrEqualTo(Duration.ofMillis(250).toNanos());
    }
  }

  private WarmupRun.Result run(ScriptedServer server, WarmupPlan.Builder plan) throws Exception {
    var result = new CompletableFuture<WarmupRun.Result>();
    var to =
        new WarmupRun.Destination(
            Target.of(server.address(), Duration.ofSeconds(10)),
            Wire.HTTP1,
            Sockets.HERE,
            Map.of("Thaw-Warmup", "pod-0.x"));
    WarmupRun.start(connector, to, plan.build(), result::complete);
    return result.get(30, TimeUnit.SECONDS);
  }

  private static WarmupPlan.Builder plan() {
    return WarmupPlan.newBuilder()
        .addRequests(request("/a?n={n}", "GET"))
        .addRequests(request("/b?n={n}", "HEAD"))
        .setTimeLimitNanos(Duration.ofSeconds(20).toNanos());
  }

  private static WarmupPlan.Request request(String path, String method) {
    return WarmupPlan.Request.newBuilder().setPath(path).setMethod(method).addExpect(200).build();
  }

  private void serve(InputStream in, OutputStream out, String status) throws Exception {
    while (true) {
      var head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return;
        }
        head.append((char) next);
      }
      heads.add(head.toString());
      mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
      CyclicBarrier all = held;
      if (all != null) {
        all.await(20, TimeUnit.SECONDS);
      }
      atOnce.decrementAndGet();
      out.write(
          ("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
    }
  }
}
