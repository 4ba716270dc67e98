package dev.thaw.node;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.protocol.v1.PoolPlan;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Connections to a pod that are kept warm. In each round every one of them sends as many PINGs as
 * the plan asks for; if all are answered fast enough it is warm, else it is cold, opened anew and
 * tried again, as often as the pace allows. Where there is no PING, or the server has had enough of
 * them, a GET stands in. State is confined to the event loop.
 */
final class WarmPool {
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final Connector connector;
  private final WarmupRun.Destination to;
  private final PoolPlan plan;
  private final PingQuestion question;
  private final Consumer<Counts> changed;
  private final List<Member> members;
  private final CompletableFuture<Counts> firstRound = new CompletableFuture<>();
  private PoolPlan.Pace pace;
  private @Nullable ScheduledFuture<?> next;
  private boolean over;
  private boolean inRound;
  private boolean calm;
  private Counts told = Counts.NONE;
  private long lastChange = System.nanoTime() - QUIET_NANOS;

  /** How many are warm, and how many are not. */
  record Counts(int warm, int cold) {
    static final Counts NONE = new Counts(0, 0);
  }

  private WarmPool(
      Connector connector,
      WarmupRun.Destination to,
      PoolPlan plan,
      String podUid,
      String path,
      Consumer<Counts> changed) {
    this.changed = changed;
    this.connector = connector;
    this.to = to;
    this.plan = plan;
    this.pace = plan.getWarming();
    this.question = new PingQuestion(podUid, new GetQuestion(path, to.headers()));
    this.members =
        IntStream.range(0, plan.getConnections()).mapToObj(unused -> new Member()).toList();
  }

  /**
   * Opens them all at once.
   *
   * @param path of the GETs that stand in for PINGs
   * @param changed hears of other numbers than those told last, after the first round's; at most
   *     once a minute, on the event loop
   */
  static WarmPool start(
      Connector connector,
      WarmupRun.Destination to,
      PoolPlan plan,
      String podUid,
      String path,
      Consumer<Counts> changed) {
    var pool = new WarmPool(connector, to, plan, podUid, path, changed);
    connector.timers().execute(pool::round);
    return pool;
  }

  /** What there is once the first round is over, or how far it is after so long. */
  CompletableFuture<Counts> firstRound(Duration limit) {
    CompletableFuture<Counts> answer =
        firstRound.thenApplyAsync(first -> counts(), connector.timers());
    var deadline =
        connector
            .timers()
            .schedule(() -> answer.complete(counts()), limit.toNanos(), TimeUnit.NANOSECONDS);
    answer.whenComplete((counts, never) -> deadline.cancel(false));
    return answer;
  }

  /** The pod has reached full traffic: slower rounds, with less patience. */
  void ready() {
    connector
        .timers()
        .execute(
            () -> {
              pace = plan.getReady();
              if (!inRound) { // what is under way ends first: a connection has one round at a time
                schedule();
              }
            });
  }

  /** Closes them all. */
  void close() {
    connector
        .timers()
        .execute(
            () -> {
              over = true;
              cancel();
              members.forEach(Member::disconnect);
              firstRound.complete(counts());
            });
  }

  private void round() {
    if (over) {
      return;
    }
    inRound = true;
    Stream<CompletableFuture<Void>> all =
        members.stream().map(member -> member.warmUp(pace.getRetries()));
    CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .whenCompleteAsync(
            (done, never) -> {
              inRound = false;
              tell();
              schedule();
            },
            connector.timers());
  }

  private void tell() {
    Counts now = counts();
    if (over) {
      return;
    } else if (firstRound.complete(now)) {
      told = now;
    } else if (!now.equals(told) && System.nanoTime() - lastChange >= QUIET_NANOS) {
      told = now;
      lastChange = System.nanoTime();
      changed.accept(now);
    }
  }

  private void schedule() {
    cancel();
    if (!over) {
      next =
          connector.timers().schedule(this::round, pace.getIntervalNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void cancel() {
    ScheduledFuture<?> waiting = next;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  private Counts counts() {
    int warm = (int) members.stream().filter(member -> member.warmth.isWarm()).count();
    return new Counts(warm, members.size() - warm);
  }

  /** One connection. */
  private final class Member {
    private Warmth warmth = Warmth.cold(plan.getInRow());
    private @Nullable HttpConnection connection;

    /** Never fails: what cannot be warmed stays cold. */
    CompletableFuture<Void> warmUp(int retries) {
      warmth = Warmth.cold(plan.getInRow());
      return connected()
          .thenComposeAsync(open -> ping(open, plan.getInRow()), connector.timers())
          .handleAsync(
              (done, thrown) -> {
                calm |= thrown != null && Failure.of(thrown).kind() == Failure.Kind.CALM;
                return thrown == null && warmth.isWarm();
              },
              connector.timers())
          .thenCompose(
              warm -> {
                if (warm || over) {
                  return CompletableFuture.completedFuture(null);
                }
                warmth = Warmth.cold(plan.getInRow());
                disconnect();
                return retries == 0 ? CompletableFuture.completedFuture(null) : warmUp(retries - 1);
              });
    }

    private CompletableFuture<Void> ping(HttpConnection open, int left) {
      if (left == 0 || over) {
        return CompletableFuture.completedFuture(null);
      }
      long sent = System.nanoTime();
      return question
          .ask(open, calm, Duration.ofNanos(pace.getTimeoutNanos()))
          .thenComposeAsync(
              answer -> {
                warmth = warmth.after(System.nanoTime() - sent, plan.getWarmBelowNanos());
                return ping(open, left - 1);
              },
              connector.timers());
    }

    private CompletableFuture<HttpConnection> connected() {
      HttpConnection open = connection;
      if (open != null && open.isUsable()) {
        return CompletableFuture.completedFuture(open);
      }
      return connector
          .connect(to.target(), to.wire(), to.sockets())
          .thenApplyAsync(
              made -> {
                connection = made;
                if (over) {
                  disconnect();
                }
                return made;
              },
              connector.timers());
    }

    void disconnect() {
      HttpConnection open = connection;
      connection = null;
      if (open != null) {
        open.close();
      }
    }
  }
}
