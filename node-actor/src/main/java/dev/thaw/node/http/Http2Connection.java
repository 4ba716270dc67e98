package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One multiplexed HTTP/2 connection; usable once the peer's SETTINGS have come. Streams are numbers
 * here, not channels: a probe costs a third of it. What is sent is here, what comes in {@link
 * Http2Inbound}. State is confined to the event loop.
 */
final class Http2Connection implements HttpConnection {
  private final Target target;
  private final String protocol;
  private final CompletableFuture<HttpConnection> opened;
  private final Progress progress;
  private final RequestHeads heads;
  private final Awaited awaited = new Awaited();
  private volatile @Nullable Opened open;
  private volatile boolean usable = true;
  private volatile Patience patience = Patience.FULL;
  private long allowedStreams = Long.MAX_VALUE;
  private @Nullable Failure farewell;

  /** Netty's side of it. */
  private record Opened(ChannelHandlerContext context, Http2Codec codec) {
    Http2ConnectionEncoder encoder() {
      return codec.encoder();
    }
  }

  private Http2Connection(
      Target target, String protocol, Arrivals arrivals, CompletableFuture<HttpConnection> opened) {
    this.target = target;
    this.protocol = protocol;
    this.opened = opened;
    this.progress = new Progress(target, arrivals);
    this.heads = new RequestHeads(target, protocol.equals("h2") ? "https" : "http");
  }

  static void equip(
      ChannelPipeline pipeline,
      Target target,
      String protocol,
      CompletableFuture<HttpConnection> opened) {
    pipeline.addLast(
        Http2Codec.of(new Http2Connection(target, protocol, pipeline.get(Arrivals.class), opened)));
  }

  /** This is Netty's side of it from now on. */
  void openIn(ChannelHandlerContext context, Http2Codec codec) {
    open = new Opened(context, codec);
  }

  private Opened netty() {
    Opened known = open;
    if (known == null) {
      throw new IllegalStateException("used before it was opened");
    }
    return known;
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
    return patience.allows();
  }

  /** The server has done some work: it puts up with further PINGs. */
  void isPatientAgain() {
    patience = Patience.FULL;
  }

  Awaited awaited() {
    return awaited;
  }

  Progress progress() {
    return progress;
  }

  @Override
  public CompletableFuture<Reply> ask(
      String method, String path, Map<String, String> headers, Duration limit, boolean kept) {
    var reply = new CompletableFuture<Reply>();
    var exchange = new RequestExchange(target, reply, new AnswerBody(kept));
    run(
        () -> {
          int stream = begin(heads.of(method, path, headers), null, exchange);
          if (!limit.isZero() && !reply.isDone()) {
            exchange.endsBy(after(limit, () -> expire(stream, exchange, limit)));
          }
        });
    return reply;
  }

  @Override
  public GrpcCall call(
      String path, Map<String, String> headers, byte[] message, GrpcObserver observer) {
    var exchange = new GrpcExchange(target, observer);
    Http2Headers head = heads.ofCall(path, headers);
    ByteBuf body =
        Unpooled.buffer(GrpcExchange.HEAD + message.length)
            .writeByte(0)
            .writeInt(message.length)
            .writeBytes(message);
    run(() -> begin(head, body, exchange));
    return () -> run(() -> giveUp(awaited.streamOf(exchange)));
  }

  /** The stream's number; the exchange is told at once where there is no stream for it. */
  private int begin(Http2Headers head, @Nullable ByteBuf body, Exchange exchange) {
    Opened to = netty();
    Failure refused = refusal();
    int stream =
        refused == null ? to.encoder().connection().local().incrementAndGetNextStreamId() : 0;
    if (stream <= 0) {
      ReferenceCountUtil.release(body);
      exchange.failed(refused == null ? outOfNumbers() : refused);
      return 0;
    }
    progress.asked();
    awaited.add(stream, exchange);
    ChannelFuture written =
        to.encoder()
            .writeHeaders(to.context(), stream, head, 0, body == null, to.context().newPromise());
    if (written.isDone() && !written.isSuccess()) { // what fails later ends the connection
      awaited.fail(stream, Failures.of(target, written.cause()));
    }
    if (body == null) {
      to.context().flush();
    } else {
      write(to, stream, body);
    }
    return stream;
  }

  private void write(Opened to, int stream, ByteBuf body) {
    progress.windowed(true);
    to.encoder()
        .writeData(to.context(), stream, body, 0, true, to.context().newPromise())
        .addListener(written -> progress.windowed(false));
    to.codec().flush(to.context()); // which sends what the window allows
  }

  private @Nullable Failure refusal() {
    if (!usable) {
      return gone();
    }
    return awaited.streams() < allowedStreams
        ? null
        : failure(
            Failure.Kind.STREAM_LIMIT,
            "allows %d streams at once, and they are open".formatted(allowedStreams));
  }

  private Failure gone() {
    Failure said = farewell;
    return said != null ? said : failure(Failure.Kind.RESET, "has closed the connection");
  }

  private Failure outOfNumbers() {
    usable = false;
    return failure(Failure.Kind.GOAWAY, "has had all the requests one connection can carry");
  }

  Failure failure(Failure.Kind kind, String sentence) {
    return Failures.failure(kind, target, sentence);
  }

  private void expire(int stream, RequestExchange exchange, Duration limit) {
    Failure late = late(limit);
    if (giveUp(stream)) {
      exchange.failed(late);
    }
  }

  /** Ends a stream from our side; false: it had ended before. */
  boolean giveUp(int stream) {
    boolean open = awaited.remove(stream);
    if (open && usable) {
      Opened to = netty();
      to.encoder()
          .writeRstStream(
              to.context(), stream, Http2Error.CANCEL.code(), to.context().newPromise());
      to.context().flush();
    }
    return open;
  }

  @Override
  public CompletableFuture<Void> ping(long content, Duration limit) {
    var answered = new CompletableFuture<Void>();
    patience = patience.pinged();
    run(
        () -> {
          if (!usable) {
            answered.completeExceptionally(gone());
            return;
          }
          progress.asked();
          awaited.addPing(content, answered);
          Opened to = netty();
          to.encoder().writePing(to.context(), false, content, to.context().newPromise());
          to.context().flush();
          var deadline = after(limit, () -> awaited.failPing(content, late(limit)));
          answered.whenComplete((pong, failed) -> deadline.cancel(false));
        });
    return answered;
  }

  private Future<?> after(Duration limit, Runnable task) {
    return netty().context().executor().schedule(task, limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public Failure late(Duration limit) {
    return progress.late(limit);
  }

  private void run(Runnable task) {
    var loop = netty().context().executor();
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  /** The server's SETTINGS have come; {@code null}: they limit no streams. */
  void settled(@Nullable Long maxStreams) {
    allowedStreams = maxStreams == null ? allowedStreams : maxStreams;
    opened.complete(this);
  }

  /** Streams that the server has begun to work on may still end well; PINGs are not waited for. */
  void leaves(int lastStream, Failure why) {
    usable = false;
    farewell = why;
    opened.completeExceptionally(why);
    awaited.failPings(why);
    awaited.failAfter(lastStream, why);
  }

  /** The server's side of this stream is no HTTP/2. */
  void broken(int stream, Http2Exception cause) {
    awaited.fail(stream, Failures.of(target, cause));
  }

  /** The connection is of no more use. */
  void broken(Throwable cause) {
    boolean beforeSettings = !opened.isDone() && cause instanceof Http2Exception;
    end(beforeSettings ? Failures.settings(target, cause) : Failures.of(target, cause));
  }

  /** The server has closed it, or we have. */
  void ended() {
    end(failure(Failure.Kind.RESET, "closed the connection before it answered"));
  }

  /** What the server said when it took leave explains an end better than the end itself. */
  private void end(Failure failure) {
    usable = false;
    Failure why = farewell == null ? failure : farewell;
    farewell = why;
    opened.completeExceptionally(why);
    awaited.failAll(why);
  }

  @Override
  public void close() {
    usable = false;
    netty().context().channel().close();
  }
}
