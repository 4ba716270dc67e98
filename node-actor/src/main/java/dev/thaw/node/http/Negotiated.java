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
    } else if (target.demandHttp2()) {
      fail(
          context,
          Failures.failure(
              Failure.Kind.TLS_NO_ALPN, target, "speaks TLS and does not offer HTTP/2 by ALPN"));
    } else {
      Http1Connection.equip(context.pipeline(), target, "http/1.1+tls", opened);
    }
  }

  @Override
  protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
    fail(context, Failures.tls(target, cause));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(context, Failures.tls(target, cause));
  }

  private void fail(ChannelHandlerContext context, Failure failure) {
    opened.completeExceptionally(failure);
    context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    opened.completeExceptionally(
        Failures.failure(Failure.Kind.TLS_FAILED, target, "closed the connection during TLS"));
    super.channelInactive(context);
  }
}
