package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One multiplexed HTTP/2 connection; usable once the peer's SETTINGS have come. Streams are frames
 * with a number here, not channels: a probe costs a third of it. State is confined to the event
 * loop.
 */
final class Http2Connection extends Http2ChannelDuplexHandler implements HttpConnection {
  private static final int MAX_HEADERS = 16 * 1024;
  private static final int FEW = 4;

  private final Target target;
  private final String protocol;
  private final CompletableFuture<HttpConnection> opened;
  private final Arrivals arrivals;
  private final Map<Http2FrameStream, Exchange> exchanges = new HashMap<>(FEW);
  private final Map<Long, CompletableFuture<Void>> pings = new HashMap<>(FEW);
  private volatile @Nullable ChannelHandlerContext context;
  private volatile boolean usable = true;
  private volatile Patience patience = Patience.FULL;
  private long allowedStreams = Long.MAX_VALUE;
  private @Nullable Failure farewell;
  private @Nullable Made made;
  private long lastArrived;
  private boolean answeredBefore;
  private boolean interim;
  private boolean windowed;

  private Http2Connection(
      Target target, String protocol, Arrivals arrivals, CompletableFuture<HttpConnection> opened) {
    this.target = target;
    this.protocol = protocol;
    this.arrivals = arrivals;
    this.opened = opened;
  }

  static void equip(
      ChannelPipeline pipeline,
      Target target,
      String protocol,
      CompletableFuture<HttpConnection> opened) {
    var settings =
        Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(MAX_HEADERS);
    pipeline.addLast(
        Http2FrameCodecBuilder.forClient()
            .initialSettings(settings)
            .gracefulShutdownTimeoutMillis(0) // whoever closes has nothing left to hear
            .build(),
        new Http2Connection(target, protocol, pipeline.get(Arrivals.class), opened));
  }

  @Override
  protected void handlerAdded0(ChannelHandlerContext added) {
    context = added;
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

  @Override
  public CompletableFuture<Reply> send(String method, String path, Map<String, String> headers) {
    return send(method, path, headers, Duration.ZERO);
  }

  @Override
  public CompletableFuture<Reply> send(
      String method, String path, Map<String, String> headers, Duration limit) {
    var reply = new CompletableFuture<Reply>();
    var exchange = new RequestExchange(target, reply);
    run(
        () -> {
          Http2FrameStream stream = open(sameHead(method, path, headers), null, exchange);
          if (stream != null && !limit.isZero()) {
            onDeadline(reply, limit, () -> giveUp(stream));
          }
        });
    return reply;
  }

  @Override
  public GrpcCall call(
      String path, Map<String, String> headers, byte[] message, GrpcObserver observer) {
    var exchange = new GrpcExchange(target, observer);
    Http2Headers head =
        head("POST", path, headers).set("content-type", "application/grpc").set("te", "trailers");
    ByteBuf body =
        Unpooled.buffer(GrpcExchange.HEAD + message.length)
            .writeByte(0)
            .writeInt(message.length)
            .writeBytes(message);
    run(() -> open(head, body, exchange));
    return () ->
        run(
            () ->
                exchanges.entrySet().stream()
                    .filter(entry -> entry.getValue() == exchange)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .ifPresent(this::giveUp));
  }

  /** A prober asks the same again and again: its header block is made once. */
  private record Made(String method, String path, Map<String, String> from, Http2Headers head) {
    boolean isOf(String otherMethod, String otherPath, Map<String, String> headers) {
      return from == headers && method.equals(otherMethod) && path.equals(otherPath);
    }
  }

  private Http2Headers sameHead(String method, String path, Map<String, String> headers) {
    Made known = made;
    if (known == null || !known.isOf(method, path, headers)) {
      known = new Made(method, path, headers, head(method, path, headers));
      made = known;
    }
    return known.head();
  }

  private Http2Headers head(String method, String path, Map<String, String> headers) {
    Http2Headers all =
        new DefaultHttp2Headers(false, 8)
            .method(method)
            .path(path)
            .scheme(protocol.equals("h2") ? "https" : "http")
            .authority(target.requestAuthority());
    headers.forEach((name, value) -> all.set(name.toLowerCase(Locale.ROOT), value));
    return all;
  }

  /** Null when the exchange has failed already. */
  private @Nullable Http2FrameStream open(
      Http2Headers head, @Nullable ByteBuf body, Exchange exchange) {
    Failure refused = refusal();
    if (refused != null) {
      ReferenceCountUtil.release(body);
      exchange.failed(refused);
      return null;
    }
    lastArrived = arrivals.bytes();
    interim = false;
    Http2FrameStream stream = newStream();
    exchanges.put(stream, exchange);
    ChannelHandlerContext open = context();
    open.write(new DefaultHttp2HeadersFrame(head, body == null).stream(stream))
        .addListener(written -> failUnlessDone(stream, written));
    if (body != null) {
      windowed = true;
      open.write(new DefaultHttp2DataFrame(body, true).stream(stream))
          .addListener(
              written -> {
                windowed = false;
                failUnlessDone(stream, written);
              });
    }
    open.flush();
    return stream;
  }

  private @Nullable Failure refusal() {
    if (!usable) {
      return gone();
    }
    return exchanges.size() < allowedStreams
        ? null
        : Failures.failure(
            Failure.Kind.STREAM_LIMIT,
            target,
            "allows %d streams at once, and they are open".formatted(allowedStreams));
  }

  private Failure gone() {
    Failure said = farewell;
    return said != null
        ? said
        : Failures.failure(Failure.Kind.RESET, target, "has closed the connection");
  }

  private void failUnlessDone(Http2FrameStream stream, Future<?> written) {
    if (!written.isSuccess()) {
      Exchange exchange = exchanges.remove(stream);
      if (exchange != null) {
        exchange.failed(Failures.of(target, written.cause()));
      }
    }
  }

  private void giveUp(Http2FrameStream stream) {
    if (exchanges.remove(stream) != null && usable) {
      context().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL).stream(stream));
    }
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
          lastArrived = arrivals.bytes();
          interim = false;
          pings.put(content, answered);
          context().writeAndFlush(new DefaultHttp2PingFrame(content));
          onDeadline(answered, limit, () -> pings.remove(content));
        });
    return answered;
  }

  private void onDeadline(CompletableFuture<?> awaited, Duration limit, Runnable cleanUp) {
    if (awaited.isDone()) {
      return;
    }
    var deadline =
        context()
            .executor()
            .schedule(
                () -> {
                  if (awaited.completeExceptionally(late(limit))) {
                    cleanUp.run();
                  }
                },
                limit.toNanos(),
                TimeUnit.NANOSECONDS);
    awaited.whenComplete((done, failed) -> deadline.cancel(false));
  }

  @Override
  public Failure late(Duration limit) {
    String within = " within " + limit.toMillis() + " ms";
    if (windowed) {
      return Failures.failure(
          Failure.Kind.FLOW_CONTROL, target, "gave no window to send the request in" + within);
    } else if (interim) {
      return Failures.failure(Failure.Kind.INTERIM_ONLY, target, "sent 1xx and no answer" + within);
    } else if (arrivals.bytes() > lastArrived) {
      return Failures.failure(
          Failure.Kind.SLOW, target, "began to answer and did not end" + within);
    } else if (answeredBefore) {
      return Failures.failure(
          Failure.Kind.HALF_OPEN, target, "fell silent on an open connection: no answer" + within);
    }
    return Failures.failure(
        Failure.Kind.HUNG, target, "took the connection and gave no answer" + within);
  }

  private void run(Runnable task) {
    var loop = context().executor();
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("used before it was opened");
    }
    return known;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object frame) {
    try {
      if (frame instanceof Http2HeadersFrame headers) {
        patience = Patience.FULL;
        heard(headers.stream(), headers);
      } else if (frame instanceof Http2DataFrame data) {
        patience = Patience.FULL;
        heard(data.stream(), data);
      } else if (frame instanceof Http2SettingsAckFrame
          || frame instanceof Http2WindowUpdateFrame) {
        lastArrived = arrivals.bytes(); // polite, and no part of an answer
      } else if (frame instanceof Http2PingFrame ping && ping.ack()) {
        answeredBefore = true;
        lastArrived = arrivals.bytes();
        CompletableFuture<Void> answered = pings.remove(ping.content());
        if (answered != null) {
          answered.complete(null);
        }
      } else if (frame instanceof Http2SettingsFrame settings) {
        Long allowed = settings.settings().maxConcurrentStreams();
        allowedStreams = allowed == null ? allowedStreams : allowed;
        opened.complete(this);
      } else if (frame instanceof Http2ResetFrame reset) {
        fail(
            reset.stream(),
            Failures.failure(
                Failure.Kind.STREAM_RESET,
                target,
                "reset the stream: " + error(reset.errorCode())));
      } else if (frame instanceof Http2GoAwayFrame goAway) {
        onGoAway(goAway);
      }
    } finally {
      ReferenceCountUtil.release(frame);
    }
  }

  private void heard(Http2FrameStream stream, Http2HeadersFrame frame) {
    Exchange exchange = exchanges.get(stream);
    if (exchange == null) {
      return;
    }
    CharSequence status = frame.headers().status();
    if (status != null && status.length() == 3 && status.charAt(0) == '1') {
      interim = true;
    } else {
      interim = false;
      after(stream, exchange.headers(frame.headers(), frame.isEndStream()), frame.isEndStream());
    }
  }

  private void heard(Http2FrameStream stream, Http2DataFrame frame) {
    Exchange exchange = exchanges.get(stream);
    if (exchange != null) {
      after(stream, exchange.data(frame.content(), frame.isEndStream()), frame.isEndStream());
    }
    if (!frame.isEndStream() && usable) { // a closed stream's bytes are given back by the codec
      context()
          .writeAndFlush(
              new DefaultHttp2WindowUpdateFrame(frame.initialFlowControlledBytes()).stream(stream));
    }
  }

  private void after(Http2FrameStream stream, boolean over, boolean endedByServer) {
    if (over) {
      answeredBefore = true;
      if (endedByServer) {
        exchanges.remove(stream);
      } else {
        giveUp(stream);
      }
    }
  }

  private void fail(Http2FrameStream stream, Failure failure) {
    Exchange exchange = exchanges.remove(stream);
    if (exchange != null) {
      exchange.failed(failure);
    }
  }

  /** Streams that the server has begun to work on may still end well; PINGs are not waited for. */
  private void onGoAway(Http2GoAwayFrame goAway) {
    usable = false;
    boolean calm = goAway.errorCode() == Http2Error.ENHANCE_YOUR_CALM.code();
    String words = goAway.content().toString(StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?");
    var failure =
        Failures.failure(
            calm ? Failure.Kind.CALM : Failure.Kind.GOAWAY,
            target,
            "sent GOAWAY "
                + error(goAway.errorCode())
                + (words.isEmpty()
                    ? ""
                    : ": " + words.substring(0, Math.min(200, words.length()))));
    farewell = failure;
    opened.completeExceptionally(failure);
    failPings(failure);
    List.copyOf(exchanges.keySet()).stream()
        .filter(stream -> stream.id() > goAway.lastStreamId())
        .forEach(stream -> fail(stream, failure));
  }

  private static String error(long code) {
    Http2Error known = Http2Error.valueOf(code);
    return known == null ? "error " + code : known.name();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    end(Failures.failure(Failure.Kind.RESET, target, "closed the connection before it answered"));
    from.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof Http2FrameStreamException stream) {
      fail(stream.stream(), Failures.of(target, cause));
      return;
    }
    boolean beforeSettings = !opened.isDone() && cause instanceof Http2Exception;
    end(beforeSettings ? Failures.settings(target, cause) : Failures.of(target, cause));
    from.close();
  }

  /** What the server said when it took leave explains an end better than the end itself. */
  private void end(Failure failure) {
    usable = false;
    Failure why = farewell == null ? failure : farewell;
    farewell = why;
    opened.completeExceptionally(why);
    failPings(why);
    List.copyOf(exchanges.keySet()).forEach(stream -> fail(stream, why));
  }

  private void failPings(Failure failure) {
    List.copyOf(pings.values()).forEach(answered -> answered.completeExceptionally(failure));
    pings.clear();
  }

  @Override
  public void close() {
    ChannelHandlerContext open = context();
    usable = false;
    open.channel().close();
  }
}
