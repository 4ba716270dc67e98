package dev.thaw.node;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.WarmupPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

  private final Connector connector;
  private final Target target;
  private final Wire wire;
  private final WarmupPlan plan;
  private final Map<String, String> headers;
  private final Consumer<Result> listener;
  private final List<Long> latencies = new ArrayList<>();
  private final long beganNanos = Clocks.monotonicNanos();
  private final List<Lane> lanes = new ArrayList<>();
  private @Nullable ScheduledFuture<?> deadline;
  private int next;
  private int sent;
  private int errors;
  private String lastError = "";
  private boolean over;

  /** As {@code WarmupReport}. */
  record Result(
      int sent,
      int errors,
      long p50FirstNanos,
      long p50LastNanos,
      long beganNanos,
      long endedNanos,
      String lastError) {}

  private WarmupRun(
      Connector connector,
      Target target,
      Wire wire,
      WarmupPlan plan,
      Map<String, String> headers,
      Consumer<Result> listener) {
    this.connector = connector;
    this.target = target;
    this.wire = wire;
    this.plan = plan;
    this.headers = headers;
    this.listener = listener;
  }

  /** Begins; ends when all are answered or the time is up. */
  static WarmupRun start(
      Connector connector,
      Target target,
      Wire wire,
      WarmupPlan plan,
      Map<String, String> headers,
      Consumer<Result> listener) {
    var run = new WarmupRun(connector, target, wire, plan, headers, listener);
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

  /** What is cut off by the limit has not failed, unless nothing was ever answered. */
  private void timeIsUp() {
    if (!over) {
      int hanging = sent == 0 ? next : 0;
      for (int i = 0; i < hanging; i++) {
        count(0, "no answer by the warm-up's time limit");
      }
      end();
    }
  }

  private void count(long latencyNanos, String error) {
    sent++;
    if (error.isEmpty()) {
      latencies.add(latencyNanos);
    } else {
      errors++;
      lastError = error;
    }
  }

  private void end() {
    over = true;
    release();
    int tenth = Math.max(1, latencies.size() / 10);
    listener.accept(
        new Result(
            sent,
            errors,
            median(latencies.subList(0, Math.min(tenth, latencies.size()))),
            median(latencies.subList(Math.max(0, latencies.size() - tenth), latencies.size())),
            beganNanos,
            Clocks.monotonicNanos(),
            lastError));
  }

  private void release() {
    ScheduledFuture<?> waiting = deadline;
    if (waiting != null) {
      waiting.cancel(false);
    }
    lanes.forEach(Lane::disconnect);
  }

  static long median(List<Long> values) {
    return values.isEmpty() ? 0 : values.stream().sorted().toList().get((values.size() - 1) / 2);
  }

  /** One request after the other. */
  private final class Lane {
    private @Nullable HttpConnection connection;
    private int left;

    void step() {
      if (over) {
        return;
      } else if (next >= plan.getCount()) {
        if (sent >= next) {
          end();
        }
        return;
      }
      int n = next++;
      WarmupPlan.Request request = plan.getRequests(n % plan.getRequestsCount());
      String path = request.getPath().replace("{n}", Integer.toString(n));
      long began = System.nanoTime();
      connected()
          .thenCompose(open -> open.send(request.getMethod(), path, headers))
          .whenCompleteAsync(
              (reply, thrown) -> {
                if (over) {
                  return;
                }
                String error = "";
                if (thrown != null) {
                  Throwable cause =
                      thrown instanceof CompletionException ? thrown.getCause() : thrown;
                  error =
                      cause instanceof Failure
                          ? String.valueOf(cause.getMessage())
                          : String.valueOf(cause);
                  disconnect();
                } else if (!request.getExpectList().contains(reply.status())) {
                  error =
                      request.getMethod() + " " + path + " answered with status " + reply.status();
                }
                count(System.nanoTime() - began, error);
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
          .connect(target, wire)
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
}
