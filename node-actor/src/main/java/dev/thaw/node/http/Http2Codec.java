package dev.thaw.node.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/**
 * Netty's HTTP/2 on one channel, and what goes wrong there. What comes well is {@link
 * Http2Inbound}'s. Event loop only.
 */
final class Http2Codec extends Http2ConnectionHandler {
  private static final int MAX_HEADERS = 16 * 1024;

  private final Http2Connection connection;

  private Http2Codec(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Http2Connection connection) {
    super(decoder, encoder, settings);
    this.connection = connection;
  }

  static Http2Codec of(Http2Connection connection) {
    return new Builder(connection).build();
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Codec, Builder> {
    private final Http2Connection connection;

    Builder(Http2Connection connection) {
      this.connection = connection;
      var streams = new DefaultHttp2Connection(false);
      streams
          .remote()
          .flowController( // a prober has nothing to prioritise
              new DefaultHttp2RemoteFlowController(
                  streams, new UniformStreamByteDistributor(streams)));
      connection(streams);
      frameListener(new Http2Inbound(connection));
      initialSettings(
          Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(MAX_HEADERS));
      encoderIgnoreMaxHeaderListSize(true); // ours are few and short, and the server says if not
      gracefulShutdownTimeoutMillis(0); // whoever closes has nothing left to hear
    }

    @Override
    protected Http2Codec build() {
      return super.build();
    }

    @Override
    protected Http2Codec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2Codec(decoder, encoder, settings, connection);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) throws Exception {
    connection.openIn(context, this);
    super.handlerAdded(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context); // what came before the end is read first
    connection.ended();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      connection.broken(cause);
      context.close();
    } else {
      super.exceptionCaught(context, cause);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext context, boolean outbound, Throwable cause, Http2Exception exception) {
    connection.broken(exception == null ? cause : exception);
    super.onConnectionError(context, outbound, cause, exception);
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext context,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException exception) {
    connection.broken(exception.streamId(), exception);
    super.onStreamError(context, outbound, cause, exception);
  }
}
