package dev.thaw.node.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 with keep-alive, one request at a time. State is confined to the event loop. */
final class Http1Connection extends SimpleChannelInboundHandler<HttpObject>
    implements HttpConnection {
  private static final int MAX_LINE = 4 * 1024;
  private static final int MAX_HEADERS = 16 * 1024;
  private static final int MAX_CHUNK = 8 * 1024;

  private final Target target;
  private final String protocol;
  private final CompletableFuture<HttpConnection> opened;
  private final Progress progress;
  private volatile @Nullable Channel channel;
  private volatile boolean usable = true;
  private @Nullable Asked waiting;

  /** The request that is under way, and what has come of its answer. */
  private static final class Asked {
    private final CompletableFuture<Reply> reply;
    private final AnswerBody body;
    private final boolean willHaveBody;
    private @Nullable HttpResponse head;

    Asked(CompletableFuture<Reply> reply, AnswerBody body, boolean willHaveBody) {
      this.reply = reply;
      this.body = body;
      this.willHaveBody = willHaveBody;
    }
  }

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
  public CompletableFuture<Reply> ask(
      String method, String path, Map<String, String> headers, Duration limit, boolean kept) {
    var asked = new Asked(new CompletableFuture<>(), new AnswerBody(kept), !method.equals("HEAD"));
    EventLoop loop = open().eventLoop();
    if (loop.inEventLoop()) {
      begin(asked, method, path, headers, limit);
    } else {
      loop.execute(() -> begin(asked, method, path, headers, limit));
    }
    return asked.reply;
  }

  private void begin(
      Asked asked, String method, String path, Map<String, String> headers, Duration limit) {
    CompletableFuture<Reply> reply = asked.reply;
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
    waiting = asked;
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
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
    Asked asked = waiting;
    if (asked == null) {
      context.close(); // an answer nobody asked for
    } else if (part.decoderResult().isFailure()) {
      fail(notAnAnswer(part.decoderResult().cause()));
      context.close();
    } else {
      heard(context, asked, part);
    }
  }

  private void heard(ChannelHandlerContext context, Asked asked, HttpObject part) {
    if (part instanceof HttpResponse head) {
      asked.head = head;
      progress.interim(isInterim(head));
    }
    if (part instanceof HttpResponse head
            && asked.willHaveBody
            && announced(head) > AnswerBody.LARGEST
        || part instanceof HttpContent content && !asked.body.add(content.content())) {
      fail(AnswerBody.oversized(target));
      context.close();
    } else if (part instanceof LastHttpContent) {
      HttpResponse head = asked.head;
      if (head != null && !isInterim(head)) {
        over(context, asked, head);
      }
    }
  }

  private static long announced(HttpResponse head) {
    return HttpUtil.getContentLength(head, 0L);
  }

  private static boolean isInterim(HttpResponse head) {
    return head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void over(ChannelHandlerContext context, Asked asked, HttpResponse head) {
    waiting = null;
    progress.answered();
    if (!HttpUtil.isKeepAlive(head)) {
      usable = false;
      context.close();
    }
    asked.reply.complete(new Reply(head.status().code(), asked.body.text()));
  }

  private Failure notAnAnswer(Throwable cause) {
    return cause instanceof TooLongFrameException
        ? Failures.of(target, cause)
        : Failures.failure(
            Failure.Kind.PROTOCOL_ERROR,
            target,
            "sent no HTTP/1.1 answer: " + Failures.brief(cause));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Asked asked = waiting;
    boolean midway = asked != null && asked.head != null;
    fail(
        Failures.failure(
            Failure.Kind.RESET,
            target,
            midway
                ? "closed the connection in the middle of its answer"
                : "closed the connection before it answered"));
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
    Asked asked = waiting;
    waiting = null;
    if (asked != null) {
      asked.reply.completeExceptionally(failure);
    }
  }

  @Override
  public void close() {
    usable = false;
    open().close();
  }
}
