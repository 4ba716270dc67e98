package dev.thaw.node.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import java.util.concurrent.CompletableFuture;

/** Goes on in the protocol that TLS has agreed on; without agreement that is HTTP/1.1. */
final class Negotiated extends ApplicationProtocolNegotiationHandler {
  private final Target target;
  private final CompletableFuture<HttpConnection> opened;

  Negotiated(Target target, CompletableFuture<HttpConnection> opened) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.target = target;
    this.opened = opened;
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext context, String protocol) {
    if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
      Http2Connection.equip(context.pipeline(), target, "h2", opened);
    } else {
      Http1Connection.equip(context.pipeline(), target, "http/1.1+tls", opened);
    }
  }

  @Override
  protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
    fail(context, cause);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(context, cause);
  }

  private void fail(ChannelHandlerContext context, Throwable cause) {
    Failure failure = Connector.failure(target, cause);
    opened.completeExceptionally(
        failure.kind() == Failure.Kind.RESET
            ? new Failure(
                Failure.Kind.TLS_FAILED,
                "no TLS with " + Connector.text(target) + ": " + cause.getMessage())
            : failure);
    context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    opened.completeExceptionally(
        new Failure(
            Failure.Kind.TLS_FAILED, Connector.text(target) + " closed the connection during TLS"));
    super.channelInactive(context);
  }
}
