package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request's answer as a whole. */
final class RequestExchange implements Exchange {
  private final Target target;
  private final CompletableFuture<Reply> reply;
  private @Nullable ByteArrayOutputStream body;
  private int status;

  RequestExchange(Target target, CompletableFuture<Reply> reply) {
    this.target = target;
    this.reply = reply;
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
    if (bytes.isReadable()) {
      ByteArrayOutputStream whole = body;
      if (whole == null) {
        whole = new ByteArrayOutputStream(bytes.readableBytes());
        body = whole;
      }
      if (whole.size() + bytes.readableBytes() > Http1Connection.MAX_BODY) {
        failed(
            Failures.failure(
                Failure.Kind.OVERSIZED,
                target,
                "sent a body over " + Http1Connection.MAX_BODY + " bytes"));
        return true;
      }
      whole.writeBytes(ByteBufUtil.getBytes(bytes));
    }
    return last && complete();
  }

  private boolean complete() {
    if (status == 0) {
      failed(Failures.failure(Failure.Kind.PROTOCOL_ERROR, target, "answered without a status"));
    } else {
      ByteArrayOutputStream whole = body;
      reply.complete(
          new Reply(status, whole == null ? "" : whole.toString(StandardCharsets.UTF_8)));
    }
    return true;
  }

  @Override
  public void failed(Failure failure) {
    reply.completeExceptionally(failure);
  }
}
