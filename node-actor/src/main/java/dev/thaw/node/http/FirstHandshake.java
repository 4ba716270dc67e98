package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;

/**
 * A request over TLS and HTTP/2 to ourselves, in memory: a young JVM's first takes hundreds of
 * milliseconds, which a pod that is asked first would else be blamed for.
 */
final class FirstHandshake {
  private static final int MOST_TURNS = 100;
  private static final Target US = Target.of(new InetSocketAddress(0), Duration.ZERO);

  private FirstHandshake() {}

  /**
   * Takes some hundreds of milliseconds the first time.
   *
   * @return what was answered; not done where something is wrong with us
   */
  static CompletableFuture<Reply> make(TlsContexts contexts)
      throws GeneralSecurityException, SSLException {
    var opened = new CompletableFuture<HttpConnection>();
    var client = new EmbeddedChannel();
    var server = new EmbeddedChannel();
    client.config().setAllocator(Connector.BUFFERS);
    server.config().setAllocator(Connector.BUFFERS);
    client
        .pipeline()
        .addLast(
            new Arrivals(), contexts.handler(US, Connector.BUFFERS), new Negotiated(US, opened));
    server
        .pipeline()
        .addLast(
            context(ThrowawayCertificate.make("EC")).newHandler(Connector.BUFFERS),
            Http2FrameCodecBuilder.forServer().build(),
            new Ok());
    CompletableFuture<Reply> reply =
        opened.thenCompose(open -> open.send("GET", "/", Map.of(), Duration.ZERO));
    boolean speaking = true;
    for (int turn = 0; turn < MOST_TURNS && speaking; turn++) {
      speaking = carry(client, server) | carry(server, client);
    }
    client.finishAndReleaseAll();
    server.finishAndReleaseAll();
    return reply;
  }

  /** Without the empty buffers that a flush leaves: they would be answered by others, for ever. */
  private static boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
    boolean some = false;
    for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
      if (bytes.isReadable()) {
        to.writeInbound(bytes);
        some = true;
      } else {
        bytes.release();
      }
    }
    return some;
  }

  private static SslContext context(ThrowawayCertificate own) throws SSLException {
    return SslContextBuilder.forServer(own.key(), own.certificate())
        .sslProvider(SslProvider.JDK)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2))
        .build();
  }

  /** Answers every request with 200. */
  private static final class Ok extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
      if (frame instanceof Http2HeadersFrame request) {
        context.writeAndFlush(
            new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"), true)
                .stream(request.stream()));
      }
      ReferenceCountUtil.release(frame);
    }
  }
}
