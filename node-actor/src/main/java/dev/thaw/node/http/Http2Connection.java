package dev.thaw.node.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One multiplexed HTTP/2 connection; usable once the peer's SETTINGS have come. State is confined
 * to the event loop.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter implements HttpConnection {
  private static final int MAX_HEADERS = 16 * 1024;

  private final Target target;
  private final String protocol;
  private final CompletableFuture<HttpConnection> opened;
  private final Map<Long, CompletableFuture<Void>> pings = new HashMap<>();
  private volatile @Nullable Channel channel;
  private volatile boolean usable = true;

  private Http2Connection(
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
    var settings =
        Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(MAX_HEADERS);
    pipeline.addLast(
        Http2FrameCodecBuilder.forClient().initialSettings(settings).build(),
        new Http2MultiplexHandler(new NoPush()),
        new Http2Connection(target, protocol, opened));
  }

  /** {@code host:port}, as a request's authority. */
  static String authority(Target target) {
    String host = target.serverName().orElse(target.address().getAddress().getHostAddress());
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + target.address().getPort();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
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
    Http2Headers all =
        new DefaultHttp2Headers()
            .method(method)
            .path(path)
            .scheme(protocol.equals("h2") ? "https" : "http")
            .authority(authority(target));
    headers.forEach((name, value) -> all.set(name.toLowerCase(java.util.Locale.ROOT), value));
    new Http2StreamChannelBootstrap(open())
        .handler(new Stream(target, reply))
        .open()
        .addListener(
            stream -> {
              if (stream.isSuccess()) {
                ((Http2StreamChannel) stream.getNow())
                    .writeAndFlush(new DefaultHttp2HeadersFrame(all, true));
              } else {
                reply.completeExceptionally(Connector.failure(target, stream.cause()));
              }
            });
    return reply;
  }

  @Override
  public CompletableFuture<Void> ping(long content) {
    var answered = new CompletableFuture<Void>();
    Channel open = open();
    open.eventLoop()
        .execute(
            () -> {
              pings.put(content, answered);
              open.writeAndFlush(new DefaultHttp2PingFrame(content));
            });
    return answered;
  }

  private Channel open() {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("used before it was opened");
    }
    return open;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    if (frame instanceof Http2SettingsFrame) {
      opened.complete(this);
    } else if (frame instanceof Http2PingFrame ping && ping.ack()) {
      CompletableFuture<Void> answered = pings.remove(ping.content());
      if (answered != null) {
        answered.complete(null);
      }
    } else if (frame instanceof Http2GoAwayFrame goAway) {
      usable = false; // streams that are open may still end well
      String why = Http2Error.valueOf(goAway.errorCode()) + "";
      failPings(new Failure(Failure.Kind.RESET, Connector.text(target) + " sent GOAWAY " + why));
    }
    ReferenceCountUtil.release(frame);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(new Failure(Failure.Kind.RESET, Connector.text(target) + " closed the connection"));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(Connector.failure(target, cause));
    context.close();
  }

  private void end(Failure failure) {
    usable = false;
    opened.completeExceptionally(failure);
    failPings(failure);
  }

  private void failPings(Failure failure) {
    pings.values().forEach(answered -> answered.completeExceptionally(failure));
    pings.clear();
  }

  @Override
  public void close() {
    open().close();
  }

  /** A client that never asked for pushed streams resets them. */
  @ChannelHandler.Sharable
  private static final class NoPush extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel pushed) {
      pushed.close();
    }
  }

  /** One request's answer. */
  private static final class Stream extends ChannelInboundHandlerAdapter {
    private final Target target;
    private final CompletableFuture<Reply> reply;
    private final StringBuilder body = new StringBuilder();
    private int status;

    Stream(Target target, CompletableFuture<Reply> reply) {
      this.target = target;
      this.reply = reply;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
      try {
        if (frame instanceof Http2HeadersFrame headers) {
          onHeaders(context, headers);
        } else if (frame instanceof Http2DataFrame data) {
          onData(context, data);
        }
      } finally {
        ReferenceCountUtil.release(frame);
      }
    }

    /** A reset comes as an event, not as a message. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        fail(Failure.Kind.RESET, " reset the stream: " + Http2Error.valueOf(reset.errorCode()));
      }
      context.fireUserEventTriggered(event);
    }

    private void onHeaders(ChannelHandlerContext context, Http2HeadersFrame headers) {
      CharSequence said = headers.headers().status();
      if (said != null && said.length() == 3 && said.charAt(0) != '1') {
        status = Integer.parseInt(said.toString());
      }
      if (headers.isEndStream()) {
        complete(context);
      }
    }

    private void onData(ChannelHandlerContext context, Http2DataFrame data) {
      if (body.length() + data.content().readableBytes() > Http1Connection.MAX_BODY) {
        fail(
            Failure.Kind.PROTOCOL_ERROR,
            " sent a body over " + Http1Connection.MAX_BODY + " bytes");
        context.close();
        return;
      }
      body.append(data.content().toString(StandardCharsets.UTF_8));
      if (data.isEndStream()) {
        complete(context);
      }
    }

    private void complete(ChannelHandlerContext context) {
      if (status == 0) {
        fail(Failure.Kind.PROTOCOL_ERROR, " answered without a status");
      } else {
        reply.complete(new Reply(status, body.toString()));
      }
      context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(Failure.Kind.RESET, " closed the connection before it answered");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      reply.completeExceptionally(Connector.failure(target, cause));
      context.close();
    }

    private void fail(Failure.Kind kind, String sentence) {
      reply.completeExceptionally(new Failure(kind, Connector.text(target) + sentence));
    }
  }
}
