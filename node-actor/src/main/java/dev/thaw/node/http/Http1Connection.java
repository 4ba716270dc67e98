package dev.thaw.node.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 with keep-alive, one request at a time. State is confined to the event loop. */
final class Http1Connection extends SimpleChannelInboundHandler<FullHttpResponse>
    implements HttpConnection {
  /** A metrics page may be large; more than this is no page. */
  static final int MAX_BODY = 4 * 1024 * 1024;

  private final Target target;
  private final String protocol;
  private final CompletableFuture<HttpConnection> opened;
  private volatile @Nullable Channel channel;
  private volatile boolean usable = true;
  private @Nullable CompletableFuture<Reply> waiting;

  private Http1Connection(
      Target target, String protocol, CompletableFuture<HttpConnection> opened) {
    this.target = target;
    this.protocol = protocol;
    this.opened = opened;
  }

  static void equip(
      ChannelPipeline pipeline,
      Target target,
      String protocol,
      CompletableFuture<HttpConnection> opened) {
    pipeline.addLast(
        new HttpClientCodec(),
        new HttpObjectAggregator(MAX_BODY, true),
        new Http1Connection(target, protocol, opened));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    if (context.channel().isActive()) { // after TLS it is open already
      opened.complete(this);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    opened.complete(this);
    context.fireChannelActive();
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public boolean isUsable() {
    return usable;
  }

  @Override
  public CompletableFuture<Reply> send(String method, String path, Map<String, String> headers) {
    var reply = new CompletableFuture<Reply>();
    Channel open = open();
    open.eventLoop()
        .execute(
            () -> {
              if (!usable || waiting != null) {
                reply.completeExceptionally(
                    new Failure(
                        Failure.Kind.RESET,
                        "the connection to " + Connector.text(target) + " has ended"));
                return;
              }
              waiting = reply;
              var request =
                  new DefaultFullHttpRequest(
                      HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), path);
              headers.forEach(request.headers()::set);
              request.headers().set(HttpHeaderNames.HOST, Http2Connection.authority(target));
              open.writeAndFlush(request)
                  .addListener(
                      written -> {
                        if (!written.isSuccess()) {
                          fail(written.cause());
                        }
                      });
            });
    return reply;
  }

  private Channel open() {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("used before it was opened");
    }
    return open;
  }

  @Override
  public CompletableFuture<Void> ping(long content) {
    return CompletableFuture.failedFuture(
        new Failure(
            Failure.Kind.WRONG_PROTOCOL,
            Connector.text(target) + " speaks HTTP/1.1, which has no PING"));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
    CompletableFuture<Reply> reply = waiting;
    waiting = null;
    if (!HttpUtil.isKeepAlive(response)) {
      usable = false;
      context.close();
    }
    if (reply == null) {
      context.close(); // an answer nobody asked for
    } else if (response.decoderResult().isFailure()) {
      reply.completeExceptionally(
          new Failure(
              Failure.Kind.PROTOCOL_ERROR,
              Connector.text(target)
                  + " sent no HTTP/1.1 answer: "
                  + response.decoderResult().cause().getMessage()));
      usable = false;
      context.close();
    } else {
      reply.complete(
          new Reply(response.status().code(), response.content().toString(StandardCharsets.UTF_8)));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    usable = false;
    CompletableFuture<Reply> reply = waiting;
    waiting = null;
    if (reply != null) {
      reply.completeExceptionally(
          new Failure(
              Failure.Kind.RESET,
              Connector.text(target) + " closed the connection before it answered"));
    }
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(cause);
    context.close();
  }

  private void fail(Throwable cause) {
    usable = false;
    Failure failure = Connector.failure(target, cause);
    opened.completeExceptionally(failure);
    CompletableFuture<Reply> reply = waiting;
    waiting = null;
    if (reply != null) {
      reply.completeExceptionally(failure);
    }
  }

  @Override
  public void close() {
    open().close();
  }
}
