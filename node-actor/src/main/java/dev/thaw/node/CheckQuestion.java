package dev.thaw.node;

import dev.thaw.node.http.GrpcCall;
import dev.thaw.node.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** gRPC's health {@code Check}. */
record CheckQuestion(GrpcHealth health, ScheduledExecutorService timers) implements Question {
  @Override
  public CompletableFuture<Answer> ask(HttpConnection open, boolean calm, Duration limit) {
    var answer = new CompletableFuture<Answer>();
    GrpcCall call = health.check(open, answer::complete, answer::completeExceptionally);
    endAfter(limit, open, answer, call, timers);
    return answer;
  }

  /** What has no answer by then fails, and the server is told. */
  static void endAfter(
      Duration limit,
      HttpConnection open,
      CompletableFuture<Answer> answer,
      GrpcCall call,
      ScheduledExecutorService timers) {
    if (answer.isDone()) {
      return;
    }
    var deadline =
        timers.schedule(
            () -> {
              if (answer.completeExceptionally(open.late(limit))) {
                call.cancel();
              }
            },
            limit.toNanos(),
            TimeUnit.NANOSECONDS);
    answer.whenComplete((done, failed) -> deadline.cancel(false));
  }
}
