package dev.thaw.node;

import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * An HTTP/2 PING while the server's patience allows it; else a GET, which shows that the server is
 * there, whatever it thinks of the path. The eight bytes of a PING name the pod and the probe.
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
        .handle(
            (reply, thrown) -> {
              if (thrown == null || isAlive(thrown)) {
                return Answer.GOOD;
              }
              throw thrown instanceof CompletionException wrapped
                  ? wrapped
                  : new CompletionException(thrown);
            });
  }

  /** Whoever ends a stream with care is there, as a gRPC server is that is sent a GET. */
  private static boolean isAlive(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return cause instanceof Failure failure && failure.kind() == Failure.Kind.STREAM_RESET;
  }
}
