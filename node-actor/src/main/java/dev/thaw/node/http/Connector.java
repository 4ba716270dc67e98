package dev.thaw.node.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * Opens connections to pods, all on one event loop. Any thread.
 *
 * <p>A plain HTTP/1.1 server may well answer HTTP/2's preface through its application: only a
 * SETTINGS frame proves HTTP/2. What comes instead tells how to try again.
 */
public final class Connector implements AutoCloseable {
  private static final int PAGE = 4 * 1024;
  private static final int CHUNK_ORDER = 5; // chunks of 128 KiB
  private static final int KEPT = 64;

  /**
   * Buffers of probes are small and short-lived, and only one thread wants them: one small arena
   * serves thousands of connections, since none keeps a buffer while it is idle. Without a pool the
   * JVM would zero, register and clean up memory for every read and write.
   */
  static final ByteBufAllocator BUFFERS =
      new PooledByteBufAllocator(true, 0, 1, PAGE, CHUNK_ORDER, KEPT, KEPT, false);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("thaw-probes", true), NioIoHandler.newFactory());
  private final TlsContexts contexts = new TlsContexts();

  /** Loads what TLS needs beforehand: a JVM's first context takes longer than a probe may. */
  public Connector() {
    group.execute(
        () -> {
          try {
            contexts.load(Target.of(new InetSocketAddress(0), Duration.ZERO), BUFFERS);
          } catch (SSLException e) {
            throw new IllegalStateException("a JVM without TLS", e);
          }
        });
  }

  /** The timers of this event loop: callbacks run on the thread that the connections use. */
  public ScheduledExecutorService timers() {
    return group;
  }

  /** Only opens and closes a TCP connection, from the node's own network namespace. */
  public CompletableFuture<Void> touch(Target target) {
    return touch(target, Sockets.HERE);
  }

  /** Only opens and closes a TCP connection. */
  public CompletableFuture<Void> touch(Target target, Sockets sockets) {
    var done = new CompletableFuture<Void>();
    var nothingIsSaid =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            // only TCP's own handshake
          }
        };
    dial(
        target,
        sockets,
        nothingIsSaid,
        channel -> {
          channel.close();
          done.complete(null);
        },
        done::completeExceptionally);
    return done;
  }

  /** The same from the node's own network namespace. */
  public CompletableFuture<HttpConnection> connect(Target target, Wire wire) {
    return connect(target, wire, Sockets.HERE);
  }

  /** Opens a connection; complete once the protocol is proven. Fails with a {@link Failure}. */
  public CompletableFuture<HttpConnection> connect(Target target, Wire wire, Sockets sockets) {
    var opened = new CompletableFuture<HttpConnection>();
    var arrivals = new Arrivals();
    var equipment =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(arrivals);
            equip(channel, target, wire, opened);
          }
        };
    dial(
        target,
        sockets,
        equipment,
        channel -> limit(target, channel, arrivals, opened),
        opened::completeExceptionally);
    return opened;
  }

  /** What remains silent after TCP's handshake is ended. */
  private static void limit(
      Target target, Channel channel, Arrivals arrivals, CompletableFuture<HttpConnection> opened) {
    if (opened.isDone()) {
      return;
    }
    var deadline =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  if (opened.completeExceptionally(neverOpened(target, arrivals))) {
                    channel.close();
                  }
                },
                target.connectTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
    opened.whenComplete((connection, failed) -> deadline.cancel(false));
  }

  private static Failure neverOpened(Target target, Arrivals arrivals) {
    long millis = target.connectTimeout().toMillis();
    return arrivals.bytes() == 0
        ? Failures.failure(
            Failure.Kind.HUNG,
            target,
            "took the connection and said nothing within %d ms".formatted(millis))
        : Failures.failure(
            Failure.Kind.SLOW,
            target,
            "began to speak and was not ready within %d ms".formatted(millis));
  }

  private void dial(
      Target target,
      Sockets sockets,
      ChannelHandler equipment,
      Consumer<Channel> connected,
      Consumer<Failure> failed) {
    sockets
        .open(target.address())
        .whenComplete(
            (socket, thrown) -> {
              if (thrown == null) {
                dial(target, socket, equipment, connected, failed);
              } else {
                failed.accept(noSocket(target, thrown));
              }
            });
  }

  private static Failure noSocket(Target target, Throwable thrown) {
    String why = thrown instanceof CompletionException ? causeOf(thrown) : thrown.toString();
    return Failures.failure(Failure.Kind.UNREACHABLE, target, "cannot be dialled: " + why);
  }

  private static String causeOf(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause == null ? thrown.toString() : String.valueOf(cause.getMessage());
  }

  private void dial(
      Target target,
      SocketChannel socket,
      ChannelHandler equipment,
      Consumer<Channel> connected,
      Consumer<Failure> failed) {
    ChannelFuture connecting =
        new Bootstrap()
            .group(group)
            .channelFactory(() -> new NioSocketChannel(socket))
            .option(ChannelOption.ALLOCATOR, BUFFERS)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.max(1, target.connectTimeout().toMillis()))
            .handler(equipment)
            .connect(target.address());
    connecting.addListener(
        (ChannelFutureListener)
            done -> {
              if (done.isSuccess()) {
                connected.accept(done.channel());
              } else {
                failed.accept(Failures.of(target, done.cause()));
              }
            });
  }

  private void equip(
      Channel channel, Target target, Wire wire, CompletableFuture<HttpConnection> opened) {
    switch (wire) {
      case HTTP1 -> Http1Connection.equip(channel.pipeline(), target, "http/1.1", opened);
      case H2C -> {
        channel.pipeline().addLast(new FirstBytes(target, opened));
        Http2Connection.equip(channel.pipeline(), target, "h2c", opened);
      }
      case TLS -> {
        try {
          channel
              .pipeline()
              .addLast(contexts.handler(target, channel.alloc()), new Negotiated(target, opened));
        } catch (SSLException e) {
          opened.completeExceptionally(
              new Failure(Failure.Kind.TLS_FAILED, String.valueOf(e.getMessage())));
          channel.close();
        }
      }
    }
  }

  /** Closes every connection and ends the thread; does not wait. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
