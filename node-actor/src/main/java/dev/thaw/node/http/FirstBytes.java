package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;

/** Lets nothing through to the HTTP/2 codec unless the first bytes are a SETTINGS frame. */
final class FirstBytes extends ChannelInboundHandlerAdapter {
  private static final int FRAME_HEADER = 9;
  private static final int TYPE_AT = 3;
  private static final int SETTINGS = 4;
  private static final int TLS_ALERT = 0x15;
  private static final int TLS_HANDSHAKE = 0x16;

  private final Target target;
  private final CompletableFuture<HttpConnection> opened;
  private final ByteBuf head = io.netty.buffer.Unpooled.buffer(FRAME_HEADER, 64 * 1024);

  FirstBytes(Target target, CompletableFuture<HttpConnection> opened) {
    this.target = target;
    this.opened = opened;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    head.writeBytes(bytes);
    bytes.release();
    int first = head.getUnsignedByte(0);
    if (first == TLS_ALERT || first == TLS_HANDSHAKE) {
      refuse(context, NotHttp2.TLS);
    } else if (first != 0 || head.readableBytes() > TYPE_AT && head.getByte(TYPE_AT) != SETTINGS) {
      refuse(context, NotHttp2.OTHER);
    } else if (head.readableBytes() >= FRAME_HEADER) {
      ByteBuf all = head.retain();
      context.pipeline().remove(this);
      context.fireChannelRead(all);
    }
  }

  private void refuse(ChannelHandlerContext context, NotHttp2 what) {
    opened.completeExceptionally(
        new Failure(Failure.Kind.WRONG_PROTOCOL, target.text() + what.sentence));
    context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    opened.completeExceptionally(
        new Failure(
            Failure.Kind.WRONG_PROTOCOL,
            target.text() + " closed the connection at HTTP/2's first bytes"));
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    head.release();
  }

  /** What it is then. */
  enum NotHttp2 {
    TLS(" speaks TLS"),
    OTHER(" does not speak HTTP/2 without TLS");

    private final String sentence;

    NotHttp2(String sentence) {
      this.sentence = sentence;
    }
  }
}
