package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request's answer, until its end or its deadline. */
final class RequestExchange implements Exchange {
  private final Target target;
  private final CompletableFuture<Reply> reply;
  private final AnswerBody body;
  private @Nullable Future<?> deadline;
  private int status;

  RequestExchange(Target target, CompletableFuture<Reply> reply, AnswerBody body) {
    this.target = target;
    this.reply = reply;
    this.body = body;
  }

  /** What to call off once it is over. */
  void endsBy(Future<?> end) {
    deadline = end;
  }

  @Override
  public boolean headers(Http2Headers headers, boolean last) {
    CharSequence said = headers.status();
    if (said != null && said.length() == 3) { // none: trailers
      status = Integer.parseInt(said.toString());
    }
    return last && complete();
  }

  @Override
  public boolean data(ByteBuf bytes, boolean last) {
    if (!body.add(bytes)) {
      failed(AnswerBody.oversized(target));
      return true;
    }
    return last && complete();
  }

  private boolean complete() {
    if (status == 0) {
      failed(Failures.failure(Failure.Kind.PROTOCOL_ERROR, target, "answered without a status"));
    } else {
      callOff();
      reply.complete(new Reply(status, body.text()));
    }
    return true;
  }

  private void callOff() {
    Future<?> waiting = deadline;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  @Override
  public void failed(Failure failure) {
    callOff();
    reply.completeExceptionally(failure);
  }
}
