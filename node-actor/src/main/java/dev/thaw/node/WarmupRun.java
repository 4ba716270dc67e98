package dev.thaw.node;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Reply;
import dev.thaw.node.http.Sockets;
import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.WarmupPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a policy's warm-up requests over connections of their own. Each lane opens a new connection
 * for every request in four, so that handshakes are warmed too, and keeps it for the others. State
 * is confined to the event loop; the result is handed over there, once.
 */
final class WarmupRun {
  private static final int REQUESTS_PER_CONNECTION = 4;

  /** What has waited for this part of the time limit when that is up, has been given its time. */
  private static final int LONG_IN_LIMIT = 10;

  private final Connector connector;
  private final Destination to;
  private final WarmupPlan plan;
  private final Consumer<Result> listener;
  private final WarmupLog log;
  private final List<Lane> lanes = new ArrayList<>();
  private final long beganNanos = Clocks.monotonicNanos();
  private final long began = System.nanoTime();
  private @Nullable ScheduledFuture<?> deadline;
  private boolean over;

  /** Whom the requests go to, how, and what they say of themselves. */
  record Destination(Target target, Wire wire, Sockets sockets, Map<String, String> headers) {}

  /** How it went; CLOCK_MONOTONIC. */
  record Result(WarmupLog.Counts counts, long beganNanos, long endedNanos) {}

  private WarmupRun(
      Connector connector, Destination to, WarmupPlan plan, Consumer<Result> listener) {
    this.connector = connector;
    this.to = to;
    this.plan = plan;
    this.listener = listener;
    this.log = new WarmupLog(plan);
  }

  /** Begins; ends when all are answered, the latency falls no more, or the time is up. */
  static WarmupRun start(
      Connector connector, Destination to, WarmupPlan plan, Consumer<Result> listener) {
    var run = new WarmupRun(connector, to, plan, listener);
    connector.timers().execute(run::begin);
    return run;
  }

  /** Gives up; nothing is handed over. */
  void cancel() {
    connector
        .timers()
        .execute(
            () -> {
              over = true;
              release();
            });
  }

  private void begin() {
    deadline =
        connector.timers().schedule(this::timeIsUp, plan.getTimeLimitNanos(), TimeUnit.NANOSECONDS);
    int count = Math.min(plan.getConnections(), plan.getCount());
    for (int i = 0; i < count; i++) {
      lanes.add(new Lane());
    }
    lanes.forEach(Lane::step);
  }

  private void timeIsUp() {
    if (!over) {
      long hanging = plan.getTimeLimitNanos() / LONG_IN_LIMIT;
      log.timeIsUp((int) lanes.stream().filter(lane -> lane.hasWaited(hanging)).count());
      end();
    }
  }

  private void end() {
    over = true;
    release();
    listener.accept(new Result(log.counts(), beganNanos, Clocks.monotonicNanos()));
  }

  private void release() {
    ScheduledFuture<?> waiting = deadline;
    if (waiting != null) {
      waiting.cancel(false);
    }
    lanes.forEach(Lane::disconnect);
  }

  /** One request after the other. */
  private final class Lane {
    private @Nullable HttpConnection connection;
    private int left;
    private boolean asking;
    private long sentAt;

    boolean hasWaited(long nanos) {
      return asking && System.nanoTime() - sentAt >= nanos;
    }

    void step() {
      if (over) {
        return;
      } else if (log.isOver()) {
        end();
      } else if (log.wantsMore()) {
        int number = log.next();
        long wait = log.dueNanos(number) - (System.nanoTime() - began);
        if (wait > 0) {
          connector.timers().schedule(() -> send(number), wait, TimeUnit.NANOSECONDS);
        } else {
          send(number);
        }
      }
    }

    private void send(int number) {
      if (over) {
        return;
      }
      WarmupPlan.Request request = plan.getRequests(number % plan.getRequestsCount());
      String path = request.getPath().replace("{n}", Integer.toString(number));
      asking = true;
      sentAt = System.nanoTime();
      connected()
          .thenCompose(open -> open.send(request.getMethod(), path, to.headers(), Duration.ZERO))
          .whenCompleteAsync(
              (reply, thrown) -> {
                if (over) {
                  return;
                }
                asking = false;
                if (thrown != null) {
                  disconnect();
                  log.failed(Failure.of(thrown).getMessage());
                } else {
                  judge(request, path, reply, System.nanoTime() - sentAt);
                }
                step();
              },
              connector.timers());
    }

    private CompletableFuture<HttpConnection> connected() {
      HttpConnection open = connection;
      if (open != null && open.isUsable() && left > 0) {
        left--;
        return CompletableFuture.completedFuture(open);
      }
      disconnect();
      return connector
          .connect(to.target(), to.wire(), to.sockets())
          .thenApplyAsync(
              made -> {
                connection = made;
                left = REQUESTS_PER_CONNECTION - 1;
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

  private void judge(WarmupPlan.Request request, String path, Reply reply, long latencyNanos) {
    if (request.getExpectList().contains(reply.status())) {
      log.answered(latencyNanos);
    } else {
      log.failed(
          "%s %s answered with status %d".formatted(request.getMethod(), path, reply.status()));
    }
  }
}
