package dev.thaw.node.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 with keep-alive, one request at a time. State is confined to the event loop. */
final class Http1Connection extends SimpleChannelInboundHandler<FullHttpResponse>
    implements HttpConnection {
  /** A metrics page may be large; more than this is no page. */
  static final int MAX_BODY = 4 * 1024 * 1024;

  private static final int MAX_LINE = 4 * 1024;
  private static final int MAX_HEADERS = 16 * 1024;
  private static final int MAX_CHUNK = 8 * 1024;

  private final Target target;
  private final String protocol;
  private final CompletableFuture<HttpConnection> opened;
  private final Progress progress;
  private volatile @Nullable Channel channel;
  private volatile boolean usable = true;
  private @Nullable CompletableFuture<Reply> waiting;

  private Http1Connection(
      Target target, String protocol, Arrivals arrivals, CompletableFuture<HttpConnection> opened) {
    this.target = target;
    this.protocol = protocol;
    this.progress = new Progress(target, arrivals);
    this.opened = opened;
  }

  static void equip(
      ChannelPipeline pipeline,
      Target target,
      String protocol,
      CompletableFuture<HttpConnection> opened) {
    pipeline.addLast(
        new HttpClientCodec(MAX_LINE, MAX_HEADERS, MAX_CHUNK),
        new HttpObjectAggregator(MAX_BODY, true),
        new Http1Connection(target, protocol, pipeline.get(Arrivals.class), opened));
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
  public boolean mayPing() {
    return false;
  }

  @Override
  public CompletableFuture<Reply> send(String method, String path, Map<String, String> headers) {
    return send(method, path, headers, Duration.ZERO);
  }

  @Override
  public CompletableFuture<Reply> send(
      String method, String path, Map<String, String> headers, Duration limit) {
    var reply = new CompletableFuture<Reply>();
    EventLoop loop = open().eventLoop();
    if (loop.inEventLoop()) {
      begin(reply, method, path, headers, limit);
    } else {
      loop.execute(() -> begin(reply, method, path, headers, limit));
    }
    return reply;
  }

  private void begin(
      CompletableFuture<Reply> reply,
      String method,
      String path,
      Map<String, String> headers,
      Duration limit) {
    if (!usable) {
      reply.completeExceptionally(
          Failures.failure(Failure.Kind.RESET, target, "has closed the connection"));
      return;
    } else if (waiting != null) {
      reply.completeExceptionally(
          Failures.failure(
              Failure.Kind.STREAM_LIMIT, target, "speaks HTTP/1.1, one request at a time"));
      return;
    }
    waiting = reply;
    progress.asked();
    var request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), path);
    headers.forEach(request.headers()::set);
    request.headers().set(HttpHeaderNames.HOST, target.requestAuthority());
    open()
        .writeAndFlush(request)
        .addListener(
            written -> {
              if (!written.isSuccess()) {
                fail(Failures.of(target, written.cause()));
              }
            });
    if (!limit.isZero()) {
      var deadline =
          open()
              .eventLoop()
              .schedule(() -> giveUp(reply, limit), limit.toNanos(), TimeUnit.NANOSECONDS);
      reply.whenComplete((done, failed) -> deadline.cancel(false));
    }
  }

  /** What comes later would be taken for the next answer: the connection ends here. */
  private void giveUp(CompletableFuture<Reply> reply, Duration limit) {
    if (reply.completeExceptionally(late(limit))) {
      usable = false;
      waiting = null;
      close();
    }
  }

  @Override
  public Failure late(Duration limit) {
    return progress.late(limit);
  }

  private Channel open() {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("used before it was opened");
    }
    return open;
  }

  @Override
  public CompletableFuture<Void> ping(long content, Duration limit) {
    return CompletableFuture.failedFuture(notHttp2("which has no PING"));
  }

  @Override
  public GrpcCall call(
      String path, Map<String, String> headers, byte[] message, GrpcObserver observer) {
    open().eventLoop().execute(() -> observer.failed(notHttp2("over which there is no gRPC")));
    return () -> {};
  }

  private Failure notHttp2(String which) {
    return Failures.failure(Failure.Kind.WRONG_PROTOCOL, target, "speaks HTTP/1.1, " + which);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
    CompletableFuture<Reply> reply = waiting;
    if (reply == null) {
      context.close(); // an answer nobody asked for
    } else if (response.decoderResult().isFailure()) {
      fail(notAnAnswer(response.decoderResult().cause()));
      context.close();
    } else if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      progress.interim(true);
    } else {
      waiting = null;
      progress.answered();
      if (!HttpUtil.isKeepAlive(response)) {
        usable = false;
        context.close();
      }
      reply.complete(
          new Reply(response.status().code(), response.content().toString(StandardCharsets.UTF_8)));
    }
  }

  private Failure notAnAnswer(Throwable cause) {
    return cause instanceof TooLongFrameException
        ? Failures.of(target, cause)
        : Failures.failure(
            Failure.Kind.PROTOCOL_ERROR, target, "sent no HTTP/1.1 answer: " + cause.getMessage());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(Failures.failure(Failure.Kind.RESET, target, "closed the connection before it answered"));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(Failures.of(target, cause));
    context.close();
  }

  private void fail(Failure failure) {
    usable = false;
    opened.completeExceptionally(failure);
    CompletableFuture<Reply> reply = waiting;
    waiting = null;
    if (reply != null) {
      reply.completeExceptionally(failure);
    }
  }

  @Override
  public void close() {
    usable = false;
    open().close();
  }
}
