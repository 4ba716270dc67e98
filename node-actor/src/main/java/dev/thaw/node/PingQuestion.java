package dev.thaw.node;

import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * An HTTP/2 PING while the server's patience allows it; else a GET, which shows that the server is
 * there, whatever it thinks of the path: a gRPC server may reset its stream. The eight bytes of a
 * PING name the pod and the probe.
 */
final class PingQuestion implements Question {
  private final GetQuestion instead;
  private final long name;
  private int sequence;

  PingQuestion(String podUid, GetQuestion instead) {
    this.name = (long) podUid.hashCode() << Integer.SIZE;
    this.instead = instead;
  }

  @Override
  public CompletableFuture<Answer> ask(HttpConnection open, boolean calm, Duration limit) {
    if (open.mayPing() && !calm) {
      return open.ping(name | sequence++ & 0xffff_ffffL, limit).thenApply(pong -> Answer.GOOD);
    }
    return open.send("GET", instead.path(), instead.headers(), limit)
        .thenApply(reply -> Answer.GOOD)
        .exceptionallyCompose(
            thrown ->
                Failure.of(thrown).kind() == Failure.Kind.STREAM_RESET
                    ? CompletableFuture.completedFuture(Answer.GOOD)
                    : CompletableFuture.failedFuture(thrown));
  }
}
