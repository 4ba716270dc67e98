package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Call;
import dev.thaw.app.trace.Start.Connection;
import dev.thaw.app.trace.Start.KeyExchange;
import dev.thaw.app.trace.client.Answer;
import dev.thaw.app.trace.client.HalfHandshake;
import dev.thaw.app.trace.client.Link;
import dev.thaw.app.trace.client.Speech;
import dev.thaw.app.trace.client.Wish;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The first user of a new server, then a steady one until nothing gets faster. Blocks its thread;
 * is used once.
 */
final class Caller {
  /** Every gRPC server that is probed has this one. */
  static final String HEALTH_CHECK = "grpc.health.v1.Health/Check";

  /** Requests a second at most: enough to warm it, too few to queue. */
  private static final long PACE_NANOS = 5_000_000;

  private static final int RETRY_MILLIS = 50;
  private static final int NEW_CONNECTIONS = 7;
  private static final int HALF_HANDSHAKES = 15;

  /** So long without a 200 is worth a line before the deadline. */
  private static final long WORTH_A_LINE_NANOS = 1_000_000_000;

  private final TraceSettings settings;
  private final StartBuilder builder;
  private final boolean go;
  private final int number;
  private final Consumer<String> note;
  private final BooleanSupplier over;
  private final List<Call> served = new ArrayList<>();
  private int answers;
  private Speech speech;
  private int lastStatus;

  /**
   * @param go whether the program may have profiles of its own
   * @param note gets what a user should know while it happens
   * @param over whether the command has ended
   */
  Caller(
      TraceSettings settings,
      StartBuilder builder,
      boolean go,
      int number,
      Consumer<String> note,
      BooleanSupplier over) {
    this.settings = settings;
    this.builder = builder;
    this.go = go;
    this.number = number;
    this.note = note;
    this.over = over;
    this.speech = settings.wish().first();
  }

  /** Calls until the plateau, then measures what only a warm server can tell. */
  void call(InetSocketAddress address) throws InterruptedException {
    long deadline = System.nanoTime() + settings.deadline().toNanos();
    Link link = null;
    try {
      FirstContact.Made made = new FirstContact(settings, builder, address, deadline, over).make();
      link = made.link();
      speech = link.speech();
      link = firstAnswer(address, made);
      link = until200(address, link, deadline);
      CompletableFuture<Void> recordings =
          settings.records() == TraceSettings.Records.WHILE_IT_WARMS
              ? CompletableFuture.runAsync(() -> record(address))
              : CompletableFuture.completedFuture(null);
      link = untilPlateau(address, link);
      link.close(); // a server of one thread takes no other connection beside it
      builder.warmConnections(newConnections(address));
      if (speech.tls()) {
        builder.keyExchange(halfHandshakes(address));
      }
      if (settings.records() == TraceSettings.Records.WHEN_WARM) {
        recordings = CompletableFuture.runAsync(() -> record(address));
      }
      if (!recordings.isDone()) {
        link = open(address);
        link = whileRecorded(address, link, recordings);
      }
    } catch (IOException e) {
      builder.end((builder.has(Start.FIRST_200) ? "no more requests: " : "") + e.getMessage());
    } finally {
      close(link);
    }
  }

  private void record(InetSocketAddress address) {
    if (go) {
      new Recorder(settings, builder, number, Recorder.MOST_BYTES).record(address, speech);
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

  /** A GET to a gRPC server ends with a gRPC status: it is called from then on. */
  private Link firstAnswer(InetSocketAddress address, FirstContact.Made made) throws IOException {
    add(made.asked(), made.answer());
    if (speech.http2() && speech.call().isEmpty() && made.answer().grpcStatus() >= 0) {
      speech = speech.calling(HEALTH_CHECK);
      builder.foundOut(speech.words());
      return again(address, made.link());
    }
    return made.answer().keepsConnection() ? made.link() : again(address, made.link());
  }

  private Link again(InetSocketAddress address, Link closed) throws IOException {
    closed.close();
    return open(address);
  }

  private Link open(InetSocketAddress address) throws IOException {
    return Link.open(
        address,
        speech,
        Wish.of(speech).protocols(),
        settings.host(),
        System.nanoTime() + settings.deadline().toNanos());
  }

  private void add(long asked, Answer answer) {
    long latency = answer.lastByteNanos() - asked;
    answers++;
    boolean noHealth =
        answer.grpcStatus() == Answer.UNIMPLEMENTED
            && speech.call().filter(HEALTH_CHECK::equals).isPresent();
    if (noHealth) {
      builder.withoutHealthService();
    }
    lastStatus = noHealth ? 200 : answer.status();
    var call = new Call(builder.clock(asked), latency, lastStatus);
    builder.call(call);
    if (lastStatus == 200) {
      served.add(call);
      builder.step(Start.FIRST_200, answer.lastByteNanos());
    }
  }

  private Link until200(InetSocketAddress address, Link open, long deadline)
      throws IOException, InterruptedException {
    Link link = open;
    long lineAt = System.nanoTime() + WORTH_A_LINE_NANOS;
    while (!builder.has(Start.FIRST_200)) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "no 200 for %s within %d s, it answers %d%s"
                .formatted(asked(), settings.deadline().toSeconds(), lastStatus, hint()));
      } else if (System.nanoTime() > lineAt) {
        note.accept("it answers %d to %s%s".formatted(lastStatus, asked(), hint()));
        lineAt = Long.MAX_VALUE;
      }
      Thread.sleep(RETRY_MILLIS);
      link = one(address, link);
    }
    return link;
  }

  private String asked() {
    return speech.call().orElse(settings.path());
  }

  /** What a user can do about such answers. */
  private String hint() {
    return lastStatus == 404
        ? " (--path asks for another page)"
        : lastStatus == 400 && !speech.tls() ? " (--tls on speaks TLS)" : "";
  }

  private Link one(InetSocketAddress address, Link link) throws IOException {
    link.limit(System.nanoTime() + settings.deadline().toNanos());
    long asked = System.nanoTime();
    Answer answer = link.ask(settings.host(), settings.path());
    add(asked, answer);
    return answer.keepsConnection() ? link : again(address, link);
  }

  private Link untilPlateau(InetSocketAddress address, Link open)
      throws IOException, InterruptedException {
    Link link = open;
    int begin = -1;
    while (begin < 0 && answers < settings.requests()) {
      link = paced(address, link);
      begin = plateau();
    }
    builder.plateau(begin < 0 ? OptionalLong.empty() : OptionalLong.of(served.get(begin).at()));
    return link;
  }

  /** By answers of 200 alone: an error is often quick. */
  private int plateau() {
    return lastStatus == 200 && served.size() % Plateau.WINDOW == 0
        ? Plateau.begin(served.stream().map(Call::latency).toList())
        : -1;
  }

  /** A program that nobody asks has nothing to show of itself. */
  private Link whileRecorded(InetSocketAddress address, Link open, CompletableFuture<Void> recorded)
      throws IOException, InterruptedException {
    Link link = open;
    while (!recorded.isDone()) {
      link.limit(System.nanoTime() + settings.deadline().toNanos());
      if (!link.ask(settings.host(), settings.path()).keepsConnection()) {
        link = again(address, link);
      }
      Thread.sleep(PACE_NANOS / 1_000_000);
    }
    return link;
  }

  private Link paced(InetSocketAddress address, Link link)
      throws IOException, InterruptedException {
    long next = System.nanoTime() + PACE_NANOS;
    Link after = one(address, link);
    Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
    return after;
  }

  private List<Connection> newConnections(InetSocketAddress address) throws IOException {
    var connections = new ArrayList<Connection>();
    for (int i = 0; i < NEW_CONNECTIONS; i++) {
      try (Link link = open(address)) {
        long asked = System.nanoTime();
        Answer answer = link.ask(settings.host(), settings.path());
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
