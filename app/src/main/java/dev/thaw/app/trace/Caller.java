package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Call;
import dev.thaw.app.trace.Start.Connection;
import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.KeyExchange;
import dev.thaw.app.trace.Start.TlsFacts;
import dev.thaw.app.trace.client.Answer;
import dev.thaw.app.trace.client.HalfHandshake;
import dev.thaw.app.trace.client.Link;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The first user of a new server, then a steady one until nothing gets faster. Blocks its thread;
 * is used once.
 */
final class Caller {
  /** A listener is told before it takes connections. */
  private static final int CONNECT_EVERY_MILLIS = 1;

  /** Requests a second at most: enough to warm it, too few to queue. */
  private static final long PACE_NANOS = 5_000_000;

  private static final int RETRY_MILLIS = 50;
  private static final int NEW_CONNECTIONS = 7;
  private static final int HALF_HANDSHAKES = 15;

  private final TraceSettings settings;
  private final StartBuilder builder;
  private final boolean go;
  private final int number;
  private final List<Long> latencies = new ArrayList<>();
  private boolean tls;

  Caller(TraceSettings settings, StartBuilder builder, boolean go, int number) {
    this.settings = settings;
    this.builder = builder;
    this.go = go;
    this.number = number;
    this.tls = settings.tls().orElse(false);
  }

  /** Calls until the plateau, then measures what only a warm server can tell. */
  void call(InetSocketAddress address) throws InterruptedException {
    long deadline = System.nanoTime() + settings.deadline().toNanos();
    Link link = null;
    try {
      link = first(address, deadline);
      link = until200(address, link, deadline);
      CompletableFuture<Void> recordings =
          go && settings.records()
              ? CompletableFuture.runAsync(
                  () -> new Recorder(settings, builder, number).record(address, tls))
              : CompletableFuture.completedFuture(null);
      link = untilPlateau(address, link);
      builder.warmConnections(newConnections(address));
      if (tls) {
        builder.keyExchange(halfHandshakes(address));
      }
      recordings.join();
    } catch (IOException e) {
      builder.end("no more requests: " + e.getMessage());
    } finally {
      close(link);
    }
  }

  private static void close(@Nullable Link link) {
    if (link != null) {
      try {
        link.close();
      } catch (IOException e) {
        return; // the server was quicker
      }
    }
  }

  private Link first(InetSocketAddress address, long deadline)
      throws IOException, InterruptedException {
    Link link = connect(address, deadline);
    Link.Opening opening = link.opening();
    long asked = System.nanoTime();
    Answer answer;
    try {
      answer = link.get(settings.host(), settings.path());
      if (settings.tls().isEmpty() && wantsTls(answer)) {
        link.close();
        return overTls(address, deadline);
      }
    } catch (Answer.NotHttp e) {
      link.close();
      if (settings.tls().isEmpty() && !tls && (e.firstByte() == 0x15 || e.firstByte() < 0)) {
        return overTls(address, deadline);
      }
      throw e;
    }
    builder.first(
        new FirstConnection(
            builder.clock(opening.beganNanos()),
            opening.tcp(),
            opening.serverHello(),
            opening.tls(),
            answer.firstByteNanos() - asked,
            answer.lastByteNanos() - answer.firstByteNanos(),
            answer.status(),
            opening
                .agreed()
                .map(
                    agreed ->
                        new TlsFacts(
                            agreed.protocol(), agreed.cipher(), agreed.key(), agreed.curve()))));
    add(asked, answer);
    return answer.keepsConnection() ? link : again(address, link);
  }

  /** Servers answer plain words with a 400 that says what they want. */
  private boolean wantsTls(Answer answer) {
    return !tls
        && answer.status() == 400
        && new String(answer.body(), StandardCharsets.ISO_8859_1).contains("HTTPS");
  }

  private Link overTls(InetSocketAddress address, long deadline)
      throws IOException, InterruptedException {
    tls = true;
    builder.speaksTls();
    return first(address, deadline);
  }

  private Link connect(InetSocketAddress address, long deadline)
      throws IOException, InterruptedException {
    while (true) {
      try {
        return Link.open(address, tls, settings.host());
      } catch (ConnectException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(CONNECT_EVERY_MILLIS);
      }
    }
  }

  private Link again(InetSocketAddress address, Link closed) throws IOException {
    closed.close();
    return Link.open(address, tls, settings.host());
  }

  private void add(long asked, Answer answer) {
    long latency = answer.lastByteNanos() - asked;
    latencies.add(latency);
    builder.call(new Call(builder.clock(asked), latency, answer.status()));
    if (answer.status() == 200) {
      builder.step(Start.FIRST_200, answer.lastByteNanos());
    }
  }

  private Link until200(InetSocketAddress address, Link open, long deadline)
      throws IOException, InterruptedException {
    Link link = open;
    while (!builder.has(Start.FIRST_200)) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "no 200 for %s within %d s"
                .formatted(settings.path(), settings.deadline().toSeconds()));
      }
      Thread.sleep(RETRY_MILLIS);
      link = one(address, link);
    }
    return link;
  }

  private Link one(InetSocketAddress address, Link link) throws IOException {
    long asked = System.nanoTime();
    Answer answer = link.get(settings.host(), settings.path());
    add(asked, answer);
    return answer.keepsConnection() ? link : again(address, link);
  }

  private Link untilPlateau(InetSocketAddress address, Link open)
      throws IOException, InterruptedException {
    Link link = open;
    int begin = -1;
    while (begin < 0 && latencies.size() < settings.requests()) {
      long next = System.nanoTime() + PACE_NANOS;
      link = one(address, link);
      begin = latencies.size() % Plateau.WINDOW == 0 ? Plateau.begin(latencies) : -1;
      Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
    }
    builder.plateau(begin);
    return link;
  }

  private List<Connection> newConnections(InetSocketAddress address) throws IOException {
    var connections = new ArrayList<Connection>();
    for (int i = 0; i < NEW_CONNECTIONS; i++) {
      try (Link link = Link.open(address, tls, settings.host())) {
        long asked = System.nanoTime();
        Answer answer = link.get(settings.host(), settings.path());
        connections.add(
            new Connection(
                link.opening().tcp(), link.opening().tls(), answer.lastByteNanos() - asked));
      }
    }
    return connections;
  }

  private static List<KeyExchange> halfHandshakes(InetSocketAddress address) {
    Map<String, List<Long>> times = new TreeMap<>();
    for (int i = 0; i < HALF_HANDSHAKES; i++) {
      for (String curve : HalfHandshake.curves()) { // in turn: what disturbs one disturbs both
        HalfHandshake.time(address, curve)
            .ifPresent(took -> times.computeIfAbsent(curve, none -> new ArrayList<>()).add(took));
      }
    }
    return times.entrySet().stream()
        .map(
            each ->
                new KeyExchange(
                    each.getKey(), Quantiles.of(each.getValue(), 0.5), each.getValue().size()))
        .toList();
  }
}
