package dev.thaw.node;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Reply;
import dev.thaw.node.http.Target;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.SetProbing;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Probes one start of one pod: one connection, a cadence by phase, a deadline for each probe. All
 * state is confined to the connector's event loop, where {@code listener} is called too; the
 * methods may be called on any thread.
 */
final class PodProber {
  /** LISTEN is told before listen(2) has returned: a refusal this soon is no failure. */
  private static final long LISTEN_GRACE_NANOS = 20_000_000;

  private static final long LISTEN_RETRY_NANOS = 1_000_000;

  /** A server's patience: after so many PINGs without an answer of its own it may send GOAWAY. */
  private static final int PINGS_IN_ROW = 2;

  /** Full pods are probed this much earlier or later, so that a thousand do not beat as one. */
  private static final double READY_JITTER = 0.1;

  private final Connector connector;
  private final ProbePlan plan;
  private final Target target;
  private final Map<String, String> headers;
  private final Consumer<ProbeOutcome> listener;

  private Dialect dialect;
  private @Nullable Suspicion suspicion;
  private SetProbing.Phase phase = SetProbing.Phase.CONFIRMING;
  private @Nullable HttpConnection connection;
  private @Nullable ScheduledFuture<?> next;
  private long listenNanos;
  private int pings;
  private boolean probing;
  private boolean stopped;

  PodProber(
      Connector connector,
      ProbePlan plan,
      InetSocketAddress address,
      Map<String, String> headers,
      Consumer<ProbeOutcome> listener) {
    this.connector = connector;
    this.plan = plan;
    this.target = target(plan, address, Duration.ofNanos(plan.getTimeoutNanos()));
    this.headers = headers;
    this.listener = listener;
    this.dialect = Dialect.of(plan);
  }

  static Target target(ProbePlan plan, InetSocketAddress address, Duration connectTimeout) {
    return new Target(
        address,
        Optional.of(plan.getCaFile()).filter(file -> !file.isEmpty()),
        Optional.of(plan.getServerName()).filter(name -> !name.isEmpty()),
        plan.getProtocol() != ProbePlan.Protocol.HTTP1,
        connectTimeout);
  }

  /** The pod has begun to listen: probes at once. */
  void listening() {
    run(
        () -> {
          listenNanos = System.nanoTime();
          probe();
        });
  }

  /**
   * Changes the cadence; the next probe comes one interval of the new phase after the last, or at
   * once if that is past.
   */
  void phase(SetProbing.Phase now) {
    run(
        () -> {
          if (phase != now) {
            phase = now;
            schedule(interval());
          }
        });
  }

  /** Ends it; nothing is reported any more. */
  void stop() {
    run(
        () -> {
          stopped = true;
          cancel();
          disconnect();
        });
  }

  /** The way of speaking that has worked last, for warm-up requests and scrapes. */
  CompletableFuture<Dialect> dialect() {
    return CompletableFuture.supplyAsync(() -> dialect, connector.timers());
  }

  private void run(Runnable change) {
    connector
        .timers()
        .execute(
            () -> {
              if (!stopped) {
                change.run();
              }
            });
  }

  private void schedule(long delayNanos) {
    cancel();
    if (phase != SetProbing.Phase.OFF) {
      next = connector.timers().schedule(() -> run(this::probe), delayNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void cancel() {
    ScheduledFuture<?> waiting = next;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  private long interval() {
    return switch (phase) {
      case CLIMBING -> plan.getClimbingIntervalNanos();
      case READY -> {
        double jitter = 1 + READY_JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        yield (long) (plan.getReadyIntervalNanos() * jitter);
      }
      default -> plan.getConfirmingIntervalNanos();
    };
  }

  private void probe() {
    if (probing || phase == SetProbing.Phase.OFF) {
      return;
    }
    probing = true;
    attempt(
        Clocks.monotonicNanos(), System.nanoTime(), plan.getTimeoutNanos(), dialect.ways().size());
  }

  /**
   * One try in the present dialect; what is found to be the wrong one is followed by the next,
   * within the same probe.
   */
  private void attempt(long sentNanos, long began, long leftNanos, int triesLeft) {
    CompletableFuture<String> asked = ask();
    ScheduledFuture<?> deadline =
        connector
            .timers()
            .schedule(
                () ->
                    asked.completeExceptionally(
                        new Failure(
                            Failure.Kind.TIMEOUT,
                            "no answer within %d ms"
                                .formatted(plan.getTimeoutNanos() / 1_000_000))),
                leftNanos,
                TimeUnit.NANOSECONDS);
    asked.whenCompleteAsync(
        (protocol, thrown) -> {
          deadline.cancel(false);
          if (stopped) {
            return;
          }
          Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
          long left = plan.getTimeoutNanos() - (System.nanoTime() - began);
          if (cause == null) {
            suspicion = null;
            dialect = dialect.worked();
            done(
                new ProbeOutcome(
                    ProbeReport.Outcome.SUCCESS, "", protocol, sentNanos, Clocks.monotonicNanos()),
                began);
          } else if (cause instanceof BadStatus bad) {
            var outcome =
                new ProbeOutcome(
                    ProbeReport.Outcome.BAD_STATUS,
                    String.valueOf(bad.getMessage()),
                    bad.protocol,
                    sentNanos,
                    Clocks.monotonicNanos());
            Optional<Dialect> tls = dialect.unlessTls(bad.status);
            if (tls.isPresent() && triesLeft > 1 && left > 0) {
              disconnect();
              suspicion = new Suspicion(dialect, outcome);
              dialect = tls.get();
              attempt(sentNanos, began, left, triesLeft - 1);
            } else {
              suspicion = null;
              dialect = tls.orElseGet(dialect::worked); // without time left, the next probe tries
              done(outcome, began);
            }
          } else {
            failed((Failure) cause, sentNanos, began, left, triesLeft);
          }
        },
        connector.timers());
  }

  private void failed(Failure failure, long sentNanos, long began, long left, int triesLeft) {
    disconnect();
    Suspicion unfounded = suspicion;
    if (unfounded != null) {
      suspicion = null;
      if (failure.kind() != Failure.Kind.TIMEOUT) { // no TLS either: the plain answer was meant
        dialect = unfounded.plain();
      }
      done(unfounded.outcome(), began);
      return;
    }
    boolean justBegan = System.nanoTime() - listenNanos < LISTEN_GRACE_NANOS;
    if (failure.kind() == Failure.Kind.REFUSED && justBegan) {
      connector
          .timers()
          .schedule(
              () -> run(() -> attempt(Clocks.monotonicNanos(), began, left, triesLeft)),
              LISTEN_RETRY_NANOS,
              TimeUnit.NANOSECONDS);
    } else if (triesLeft > 1 && left > 0 && dialect.shouldMoveOn(failure)) {
      dialect = dialect.next(failure);
      attempt(sentNanos, began, left, triesLeft - 1);
    } else {
      // silence in a dialect that is not proven proves nothing: the next probe tries another
      dialect = dialect.proven() ? dialect.doubted() : dialect.next(failure);
      done(
          new ProbeOutcome(
              kind(failure), failure.getMessage(), "", sentNanos, Clocks.monotonicNanos()),
          began);
    }
  }

  private void done(ProbeOutcome outcome, long began) {
    probing = false;
    listener.accept(outcome);
    schedule(Math.max(0, interval() - (System.nanoTime() - began)));
  }

  private static ProbeReport.Outcome kind(Failure failure) {
    return switch (failure.kind()) {
      case REFUSED -> ProbeReport.Outcome.REFUSED;
      case TIMEOUT -> ProbeReport.Outcome.TIMEOUT;
      case RESET -> ProbeReport.Outcome.RESET;
      case TLS_FAILED -> ProbeReport.Outcome.TLS_FAILED;
      case PROTOCOL_ERROR -> ProbeReport.Outcome.PROTOCOL_ERROR;
      case WRONG_PROTOCOL -> ProbeReport.Outcome.WRONG_PROTOCOL;
    };
  }

  /** Completes with the protocol spoken. */
  private CompletableFuture<String> ask() {
    if (plan.getKind() == ProbePlan.Kind.TCP_CONNECT) {
      return connector.touch(target).thenApply(touched -> "tcp");
    }
    HttpConnection open = connection;
    if (open != null && open.isUsable()) {
      return askOver(open);
    }
    return connector
        .connect(target, dialect.way())
        .thenComposeAsync(
            made -> {
              if (stopped) {
                made.close();
              }
              disconnect();
              connection = made;
              pings = 0;
              return askOver(made);
            },
            connector.timers());
  }

  private CompletableFuture<String> askOver(HttpConnection open) {
    boolean ping = plan.getKind() == ProbePlan.Kind.HTTP2_PING;
    if (ping && pings < PINGS_IN_ROW) {
      pings++;
      return open.ping(System.nanoTime()).thenApply(answered -> open.protocol());
    }
    pings = 0;
    return open.send("GET", plan.getPath(), headers)
        .thenApply(reply -> judge(reply, open.protocol(), ping));
  }

  /**
   * A GET that stands in for a PING shows that the server is there, whatever it thinks of the path.
   */
  private static String judge(Reply reply, String protocol, boolean anyStatus) {
    if (!anyStatus && (reply.status() < 200 || reply.status() > 399)) {
      throw new CompletionException(new BadStatus(reply.status(), protocol));
    }
    return protocol;
  }

  private void disconnect() {
    HttpConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  /** A plain answer that a TLS server gives to who does not speak TLS. */
  private record Suspicion(Dialect plain, ProbeOutcome outcome) {}

  private static final class BadStatus extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String protocol;

    BadStatus(int status, String protocol) {
      super("it answered with status " + status, null, false, false);
      this.status = status;
      this.protocol = protocol;
    }
  }
}
