package dev.thaw.node;

import dev.thaw.node.http.Failure;
import dev.thaw.node.http.GrpcCall;
import dev.thaw.node.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's health {@code Watch}: one stream per connection stays open and tells of changes at once; a
 * probe in between only finds out whether the server is still there, by a PING or a Check. A server
 * without Watch is asked by Check.
 */
final class WatchQuestion implements Question {
  private final GrpcHealth health;
  private final Question ping;
  private final CheckQuestion check;
  private final ScheduledExecutorService timers;
  private final Runnable changed;
  private @Nullable HttpConnection watched;
  private @Nullable Answer last;
  private boolean unknown;

  /**
   * @param ping how to find out whether the server is still there
   * @param changed called when the server tells of a change, on the event loop
   */
  WatchQuestion(
      GrpcHealth health, Question ping, ScheduledExecutorService timers, Runnable changed) {
    this.health = health;
    this.ping = ping;
    this.check = new CheckQuestion(health, timers);
    this.timers = timers;
    this.changed = changed;
  }

  @Override
  public CompletableFuture<Answer> ask(HttpConnection open, boolean calm, Duration limit) {
    Answer known = last;
    if (unknown) {
      return check.ask(open, calm, limit);
    } else if (watched != open || known == null) {
      return watch(open, limit);
    } else if (!known.isGood()) {
      return CompletableFuture.completedFuture(known);
    } else if (open.mayPing() && !calm) {
      return ping.ask(open, calm, limit);
    }
    return check // which finds no room where the server allows one stream: that is the watch
        .ask(open, calm, limit)
        .exceptionallyCompose(
            thrown ->
                Failure.of(thrown).kind() == Failure.Kind.STREAM_LIMIT
                    ? CompletableFuture.completedFuture(known)
                    : CompletableFuture.failedFuture(thrown));
  }

  private CompletableFuture<Answer> watch(HttpConnection open, Duration limit) {
    var first = new CompletableFuture<Answer>();
    watched = open;
    last = null;
    GrpcCall call =
        health.watch(open, answer -> heard(open, answer, first), failure -> ended(failure, first));
    CheckQuestion.endAfter(limit, open, first, call, timers);
    return first;
  }

  private void heard(HttpConnection open, Answer answer, CompletableFuture<Answer> first) {
    if (watched == open) {
      boolean change = !answer.equals(last);
      last = answer;
      if (!first.complete(answer) && change) {
        changed.run();
      }
    }
  }

  private void ended(Failure failure, CompletableFuture<Answer> first) {
    watched = null;
    last = null;
    if (failure.getMessage().contains("UNIMPLEMENTED")) {
      unknown = true;
    }
    first.completeExceptionally(failure);
  }
}
