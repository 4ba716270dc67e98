package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
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
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 over streams that somebody else has opened, and times: one request after the other, for
 * whoever wants to know when which byte came. One thread; every call blocks as its streams do.
 *
 * <p>The protocol is Netty's, on a channel that is not connected to anything: what it wants to say
 * is written to the one stream, what the other one brings is handed to it.
 */
public final class StreamedHttp2 implements AutoCloseable {
  private static final int GRPC_HEAD = 5;

  private final InputStream in;
  private final OutputStream out;
  private final String scheme;
  private final Frames frames = new Frames();
  private final EmbeddedChannel channel;
  private final byte[] chunk = new byte[16_384];

  /**
   * An answer as it came in, but for its body, which went where the caller said.
   *
   * @param grpcStatus the number of a gRPC call's end; -1 where the answer has none
   * @param firstByteNanos {@link System#nanoTime} when what made its first frame whole came in
   * @param lastByteNanos the same of its last one
   * @param keepsConnection whether another request may follow
   */
  public record Answered(
      int status,
      String contentType,
      int grpcStatus,
      long firstByteNanos,
      long lastByteNanos,
      boolean keepsConnection) {}

  /** What came is no HTTP/2. */
  public static final class NotHttp2 extends IOException {
    private static final long serialVersionUID = 1L;
    private final int firstByte;

    NotHttp2(int firstByte, String message) {
      super(message);
      this.firstByte = firstByte;
    }

    /** -1 when the connection closed without a byte. */
    public int firstByte() {
      return firstByte;
    }
  }

  /**
   * Begins to speak; waits for nothing.
   *
   * @param secured whether there is TLS below
   */
  public StreamedHttp2(InputStream in, OutputStream out, boolean secured) {
    this.in = in;
    this.out = out;
    this.scheme = secured ? "https" : "http";
    this.channel =
        new EmbeddedChannel(
            Http2FrameCodecBuilder.forClient()
                .initialSettings(Http2Settings.defaultSettings().pushEnabled(false))
                .gracefulShutdownTimeoutMillis(0)
                .build(),
            frames);
  }

  /**
   * Asks and waits for the whole answer.
   *
   * @param body gets the answer's as it comes in; what it throws ends the exchange
   * @throws NotHttp2 when the other side does not speak it
   */
  public Answered get(String authority, String path, Map<String, String> headers, OutputStream body)
      throws IOException {
    Http2Headers head = new DefaultHttp2Headers().method("GET").path(path);
    headers.forEach(head::set);
    return exchange(authority, head, null, body);
  }

  /**
   * Makes a gRPC call with an empty message, which is a valid one of every type, and waits for its
   * status.
   *
   * @param method such as {@code grpc.health.v1.Health/Check}
   * @param body gets the answer's messages, as with {@link #get}
   */
  public Answered call(
      String authority, String method, Map<String, String> headers, OutputStream body)
      throws IOException {
    Http2Headers head = new DefaultHttp2Headers().method("POST").path("/" + method);
    headers.forEach(head::set);
    head.set("content-type", "application/grpc").set("te", "trailers");
    return exchange(authority, head, Unpooled.wrappedBuffer(new byte[GRPC_HEAD]), body);
  }

  private Answered exchange(
      String authority, Http2Headers head, @Nullable ByteBuf content, OutputStream body)
      throws IOException {
    frames.ask(head.scheme(scheme).authority(authority), content, body);
    flush();
    while (!frames.over) {
      int count = in.read(chunk);
      frames.heardNanos = System.nanoTime();
      if (count < 0) {
        throw frames.settled
            ? new IOException("the server closed the connection before it answered")
            : new NotHttp2(-1, "the server closed the connection at HTTP/2's first bytes");
      } else if (!frames.settled && chunk[0] != 0) {
        throw new NotHttp2(
            chunk[0] & 0xff,
            "the server does not answer in HTTP/2 (its first byte is " + chunk[0] + ")");
      }
      channel.writeInbound(Unpooled.copiedBuffer(chunk, 0, count));
      flush();
    }
    return frames.answered();
  }

  private void flush() throws IOException {
    for (ByteBuf said = channel.readOutbound(); said != null; said = channel.readOutbound()) {
      said.readBytes(out, said.readableBytes());
      said.release();
    }
    out.flush();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }

  /** The one exchange that is under way. */
  private static final class Frames extends Http2ChannelDuplexHandler {
    private @Nullable ChannelHandlerContext context;
    private @Nullable Http2FrameStream stream;
    private OutputStream body = OutputStream.nullOutputStream();
    private String contentType = "";
    private int status;
    private int grpcStatus = -1;
    private long heardNanos;
    private long firstByteNanos;
    private long lastByteNanos;
    private boolean keeps = true;
    private boolean settled;
    private boolean over = true;
    private @Nullable IOException failure;

    @Override
    protected void handlerAdded0(ChannelHandlerContext added) {
      context = added;
    }

    void ask(Http2Headers head, @Nullable ByteBuf content, OutputStream into) {
      ChannelHandlerContext open = open();
      Http2FrameStream asked = newStream();
      stream = asked;
      body = into;
      contentType = "";
      status = 0;
      grpcStatus = -1;
      over = false;
      failure = null;
      open.write(new DefaultHttp2HeadersFrame(head, content == null).stream(asked));
      if (content != null) {
        open.write(new DefaultHttp2DataFrame(content, true).stream(asked));
      }
      open.flush();
    }

    private ChannelHandlerContext open() {
      ChannelHandlerContext known = context;
      if (known == null) {
        throw new IllegalStateException("its channel registers it at once");
      }
      return known;
    }

    Answered answered() throws IOException {
      IOException failed = failure;
      if (failed != null) {
        throw failed;
      }
      return new Answered(status, contentType, grpcStatus, firstByteNanos, lastByteNanos, keeps);
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object frame) {
      try {
        if (frame instanceof Http2SettingsFrame) {
          settled = true;
        } else if (frame instanceof Http2GoAwayFrame goAway) {
          keeps = false;
          if (goAway.lastStreamId() < id()) {
            end(new IOException("the server sent GOAWAY " + name(goAway.errorCode())));
          }
        } else if (frame instanceof Http2HeadersFrame headers && headers.stream() == stream) {
          headers(headers.headers());
          endIf(headers.isEndStream());
        } else if (frame instanceof Http2DataFrame data && data.stream() == stream) {
          data(from, data);
        } else if (frame instanceof Http2ResetFrame reset && reset.stream() == stream) {
          end(new IOException("the server reset the stream: " + name(reset.errorCode())));
        }
      } finally {
        ReferenceCountUtil.release(frame);
      }
    }

    private int id() {
      Http2FrameStream asked = stream;
      return asked == null ? 0 : asked.id();
    }

    private void headers(Http2Headers headers) {
      CharSequence code = headers.status();
      if (code != null && code.length() == 3 && code.charAt(0) != '1') {
        status = number(code);
        firstByteNanos = heardNanos;
      }
      CharSequence type = headers.get("content-type");
      contentType = type == null ? contentType : type.toString();
      CharSequence grpc = headers.get("grpc-status");
      grpcStatus = grpc == null ? grpcStatus : number(grpc);
    }

    private static int number(CharSequence text) {
      return text.toString().matches("[0-9]{1,3}") ? Integer.parseInt(text.toString()) : 0;
    }

    private void data(ChannelHandlerContext from, Http2DataFrame data) {
      try {
        data.content().readBytes(body, data.content().readableBytes());
      } catch (IOException e) {
        end(e);
      }
      endIf(data.isEndStream());
      if (!data.isEndStream()) { // a closed stream's bytes are given back by the codec
        from.writeAndFlush(
            new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes())
                .stream(data.stream()));
      }
    }

    private void endIf(boolean last) {
      if (last) {
        lastByteNanos = heardNanos;
        over = true;
      }
    }

    private void end(IOException why) {
      failure = why;
      keeps = false;
      over = true;
    }

    private static String name(long code) {
      Http2Error known = Http2Error.valueOf(code);
      return known == null ? "error " + code : known.name();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
      String said = String.valueOf(cause.getMessage());
      boolean protocol =
          cause instanceof Http2Exception || cause instanceof Http2FrameStreamException;
      end(
          settled || !protocol
              ? new IOException("the server broke HTTP/2's rules: " + said)
              : new NotHttp2(0, "the server does not speak HTTP/2: " + said));
    }
  }
}
