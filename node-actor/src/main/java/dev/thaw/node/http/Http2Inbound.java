package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.charset.StandardCharsets;

/** Hands each frame that comes to the request or PING that it answers. Event loop only. */
final class Http2Inbound extends Http2FrameAdapter {
  private static final int LONGEST_FAREWELL = 200;

  private final Http2Connection connection;

  Http2Inbound(Http2Connection connection) {
    this.connection = connection;
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean last) {
    connection.isPatientAgain();
    Exchange exchange = connection.awaited().on(stream);
    if (exchange != null) {
      CharSequence status = headers.status();
      boolean interim = status != null && status.length() == 3 && status.charAt(0) == '1';
      connection.progress().interim(interim);
      if (!interim) {
        after(stream, exchange.headers(headers, last), last);
      }
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int stream,
      Http2Headers headers,
      int dependsOn,
      short weight,
      boolean exclusive,
      int padding,
      boolean last) {
    onHeadersRead(context, stream, headers, padding, last);
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int stream, ByteBuf bytes, int padding, boolean last) {
    int taken = bytes.readableBytes() + padding; // all of it: the codec gives back the window
    connection.isPatientAgain();
    Exchange exchange = connection.awaited().on(stream);
    if (exchange != null) {
      after(stream, exchange.data(bytes, last), last);
    }
    return taken;
  }

  private void after(int stream, boolean over, boolean endedByServer) {
    if (over) {
      connection.progress().answered();
      if (endedByServer) {
        connection.awaited().remove(stream);
      } else {
        connection.giveUp(stream);
      }
    }
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext context, int stream, long code) {
    connection
        .awaited()
        .fail(
            stream,
            connection.failure(
                Failure.Kind.STREAM_RESET, "reset the stream: " + Failures.http2Error(code)));
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
    connection.settled(settings.maxConcurrentStreams());
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext context) {
    connection.progress().polite();
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext context, int stream, int increment) {
    connection.progress().polite();
  }

  @Override
  public void onPingRead(ChannelHandlerContext context, long content) {
    connection.progress().polite();
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext context, long content) {
    connection.progress().answered();
    connection.progress().polite();
    connection.awaited().answered(content);
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext context, int lastStream, long code, ByteBuf said) {
    boolean calm = code == Http2Error.ENHANCE_YOUR_CALM.code();
    String words = said.toString(StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?");
    connection.leaves(
        lastStream,
        connection.failure(
            calm ? Failure.Kind.CALM : Failure.Kind.GOAWAY,
            "sent GOAWAY "
                + Failures.http2Error(code)
                + (words.isEmpty()
                    ? ""
                    : ": " + words.substring(0, Math.min(LONGEST_FAREWELL, words.length())))));
  }
}
