package dev.thaw.node;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Sockets;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.SetProbing;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Probes one start of one pod: one connection, at the plan's cadence, with a limit for each try.
 * What follows from an answer is {@link Approach}'s to say, when the next comes {@link Cadence}'s.
 * All state is confined to the connector's event loop, where {@code listener} is called too; the
 * methods may be called on any thread.
 */
final class PodProber {
  /** LISTEN is told before listen(2) has returned: a refusal this soon is no failure. */
  private static final long LISTEN_GRACE_NANOS = 20_000_000;

  private static final long LISTEN_RETRY_NANOS = 1_000_000;

  private final Connector connector;
  private final ProbeSpec spec;
  private final Cadence cadence;
  private final Question question;
  private final RandomGenerator random;
  private final Consumer<ProbeOutcome> listener;

  private Approach approach;
  private SetProbing.Phase phase = SetProbing.Phase.CONFIRMING;
  private Streak streak = Streak.NONE;
  private @Nullable HttpConnection connection;
  private @Nullable ScheduledFuture<?> next;
  private long listenNanos;
  private long lastBegan;
  private long due;
  private boolean probing;
  private boolean changed;
  private boolean stopped;

  /**
   * @param inside makes sockets inside the pod's network namespace, where that is not ours
   * @param random spreads the probes of many pods
   */
  PodProber(
      Connector connector,
      String podUid,
      ProbeSpec spec,
      Optional<Sockets> inside,
      RandomGenerator random,
      Consumer<ProbeOutcome> listener) {
    this.connector = connector;
    this.spec = spec;
    this.cadence = spec.cadence();
    this.random = random;
    this.listener = listener;
    this.approach = Approach.of(spec.dialect(), Route.to(spec.address(), inside));
    this.question = question(podUid);
    if (isOverTls()) {
      connector.readyForTls(); // begun now, it is done when the pod listens
    }
  }

  private boolean isOverTls() {
    return approach.dialect().way() == Wire.TLS
        && spec.plan().getKind() != ProbePlan.Kind.TCP_CONNECT;
  }

  private Question question(String podUid) {
    ProbePlan plan = spec.plan();
    var get = new GetQuestion(plan.getPath(), spec.probeHeaders());
    if (plan.getKind() == ProbePlan.Kind.HTTP2_PING) {
      return new PingQuestion(podUid, get);
    } else if (plan.getKind() == ProbePlan.Kind.GRPC) {
      var health = new GrpcHealth(plan.getGrpcService(), spec.probeHeaders());
      return plan.getGrpcWatch()
          ? new WatchQuestion(
              health, new PingQuestion(podUid, get), connector.timers(), this::toldOfChange)
          : new CheckQuestion(health, connector.timers());
    }
    return get;
  }

  /** The pod has begun to listen: probes after the plan's initial delay, which is mostly none. */
  void listening() {
    run(
        () -> {
          listenNanos = System.nanoTime();
          if (cadence.initialDelay() == 0) {
            probe();
          } else {
            schedule(cadence.initialDelay());
          }
        });
  }

  /** Changes the cadence. */
  void phase(SetProbing.Phase now) {
    run(
        () -> {
          if (now == SetProbing.Phase.CONFIRMING) {
            streak = Streak.NONE; // whoever must prove itself again begins at nothing
          }
          if (phase != now) {
            phase = now;
            schedule(cadence.untilFirst(phase, random.nextDouble()));
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

  /**
   * The way of speaking, and from where, that has worked last: for warm-up requests and scrapes.
   */
  CompletableFuture<Approach> approach() {
    return CompletableFuture.supplyAsync(() -> approach, connector.timers());
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
      due = System.nanoTime() + delayNanos;
      next = connector.timers().schedule(() -> run(this::probe), delayNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void cancel() {
    ScheduledFuture<?> waiting = next;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  /** The next probe comes now, but never nearer to the last than the plan's shortest interval. */
  private void toldOfChange() {
    if (probing) {
      changed = true; // what is under way may not see it any more
    } else if (!stopped && phase != SetProbing.Phase.OFF) {
      long now = System.nanoTime();
      long soonest = lastBegan + cadence.confirming().interval() - now;
      if (soonest < due - now) {
        schedule(Math.max(0, soonest));
      }
    }
  }

  private void probe() {
    if (probing || phase == SetProbing.Phase.OFF) {
      return;
    }
    probing = true;
    cancel();
    lastBegan = System.nanoTime();
    attempt(cadence.pace(phase).retries());
  }

  private void attempt(int retries) {
    new Attempt(retries).go(approach.tries());
  }

  private void over(Attempt attempt, Answer answer, String protocol) {
    long limit = attempt.pace.limit();
    if (!answer.isGood() && attempt.retries > 0) {
      long pause = Math.max(0, limit - (System.nanoTime() - attempt.began));
      connector
          .timers()
          .schedule(() -> run(() -> attempt(attempt.retries - 1)), pause, TimeUnit.NANOSECONDS);
      return;
    }
    probing = false;
    var outcome =
        new ProbeOutcome(
            answer.outcome(),
            answer.detail(),
            protocol,
            approach.way().inside(),
            attempt.sentNanos,
            Clocks.monotonicNanos());
    streak = streak.after(outcome);
    listener.accept(outcome);
    long wait = cadence.untilNext(phase, streak.failures(), random.nextDouble());
    schedule(Math.max(0, wait - (System.nanoTime() - lastBegan)));
    if (changed) {
      changed = false;
      toldOfChange();
    }
  }

  /** One try within its limit, in as many ways as it takes. */
  private final class Attempt {
    private final int retries;
    private final Cadence.Pace pace = cadence.pace(phase);
    private long began = System.nanoTime();
    private long sentNanos = Clocks.monotonicNanos();
    private @Nullable Failure first;

    Attempt(int retries) {
      this.retries = retries;
    }

    private Duration left() {
      return Duration.ofNanos(Math.max(1_000_000, began + pace.limit() - System.nanoTime()));
    }

    void go(int triesLeft) {
      if (isOverTls() && !connector.readyForTls().isDone()) {
        connector.readyForTls().thenRun(() -> run(() -> goFromNow(triesLeft)));
        return;
      }
      HttpConnection open = connection;
      boolean reused = open != null && open.isUsable();
      ask(open)
          .whenCompleteAsync(
              (answer, thrown) -> {
                if (!stopped) {
                  var was = circumstances(reused, triesLeft);
                  carryOut(
                      thrown == null
                          ? approach.answered(answer, protocol(), was)
                          : failed(Failure.of(thrown), was),
                      triesLeft);
                }
              },
              connector.timers());
    }

    /** What our side took so far counts against nobody. */
    private void goFromNow(int triesLeft) {
      began = System.nanoTime();
      lastBegan = began; // the next one comes a whole interval later
      sentNanos = Clocks.monotonicNanos();
      go(triesLeft);
    }

    /** Where no way of speaking is right, the first that was tried says why best. */
    private Approach.Step failed(Failure failure, Approach.Try was) {
      Failure before = first;
      first = before == null ? failure : before;
      Approach.Step step = approach.failed(failure, was);
      return before != null
              && (failure.kind() == Failure.Kind.NO_TLS
                  || failure.kind() == Failure.Kind.TLS_FAILED)
              && step instanceof Approach.Over over
              && over.answer().isOf(failure)
          ? new Approach.Over(over.approach(), Answer.of(before), "", over.reconnect())
          : step;
    }

    private Approach.Try circumstances(boolean reused, int triesLeft) {
      long now = System.nanoTime();
      return new Approach.Try(
          reused, now - listenNanos < LISTEN_GRACE_NANOS, now - began < pace.limit(), triesLeft);
    }

    private void carryOut(Approach.Step step, int triesLeft) {
      if (step instanceof Approach.Again again) {
        disconnect();
        approach = again.approach();
        go(triesLeft - 1);
      } else if (step instanceof Approach.AgainSoon) {
        disconnect();
        connector
            .timers()
            .schedule(
                () ->
                    run(
                        () -> {
                          sentNanos = Clocks.monotonicNanos();
                          go(triesLeft);
                        }),
                LISTEN_RETRY_NANOS,
                TimeUnit.NANOSECONDS);
      } else if (step instanceof Approach.Over end) {
        if (end.reconnect()) {
          disconnect();
        }
        approach = end.approach();
        over(this, end.answer(), end.protocol());
      }
    }

    private CompletableFuture<Answer> ask(@Nullable HttpConnection open) {
      Route way = approach.way();
      var target = spec.target(way.address(), left());
      if (spec.plan().getKind() == ProbePlan.Kind.TCP_CONNECT) {
        return connector.touch(target, way.sockets()).thenApply(touched -> Answer.GOOD);
      } else if (open != null && open.isUsable()) {
        return CompletableFuture.completedFuture(open)
            .thenCompose(same -> question.ask(same, approach.calm(), left()));
      }
      return connector
          .connect(target, approach.dialect().way(), way.sockets())
          .thenComposeAsync(
              made -> {
                if (stopped) {
                  made.close();
                }
                disconnect();
                connection = made;
                return question.ask(made, approach.calm(), left());
              },
              connector.timers());
    }
  }

  private String protocol() {
    HttpConnection open = connection;
    return open == null ? "tcp" : open.protocol();
  }

  private void disconnect() {
    HttpConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
