package dev.thaw.node.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

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

  private final Runnable rehearsal;
  private final AtomicBoolean rehearsed = new AtomicBoolean();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  /** One that goes through a handshake with itself before the first pod is asked over TLS. */
  public Connector() {
    this.rehearsal = this::handshake;
  }

  /**
   * One that is ready for TLS when this has run.
   *
   * @param rehearsal run once, on a thread of its own, when readiness is first asked for
   */
  public Connector(Runnable rehearsal) {
    this.rehearsal = rehearsal;
  }

  private void handshake() {
    try {
      FirstHandshake.make(contexts);
    } catch (GeneralSecurityException | SSLException e) {
      throw new IllegalStateException("a JVM without TLS", e);
    }
  }

  /**
   * Complete once TLS is as quick as it will be: what it takes before is no pod's fault. The first
   * call begins it: a node without pods that speak TLS spends neither time nor memory on it.
   */
  public CompletableFuture<Void> readyForTls() {
    if (rehearsed.compareAndSet(false, true)) {
      var thread = new Thread(this::rehearse, "thaw-probes-tls");
      thread.setDaemon(true);
      thread.start();
    }
    return ready;
  }

  private void rehearse() {
    try {
      rehearsal.run();
    } finally {
      ready.complete(null); // pods are asked all the same
    }
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
    var dial = new Dial(target, new Arrivals(), done);
    dial.start(sockets, channel -> {}, channel -> done.complete(null));
    done.whenComplete((touched, failed) -> dial.hangUp());
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
    new Dial(target, arrivals, opened)
        .start(
            sockets,
            channel -> {
              channel.pipeline().addLast(arrivals);
              equip(channel, target, wire, opened);
            },
            channel -> {});
    return opened;
  }

  /** One dialling, within one limit for all of it: the socket, TCP, TLS and HTTP/2's SETTINGS. */
  private final class Dial {
    private final Target target;
    private final Arrivals arrivals;
    private final CompletableFuture<?> opened;
    private volatile @Nullable Channel channel;
    private volatile boolean connected;

    Dial(Target target, Arrivals arrivals, CompletableFuture<?> opened) {
      this.target = target;
      this.arrivals = arrivals;
      this.opened = opened;
    }

    void start(Sockets sockets, Consumer<Channel> equip, Consumer<Channel> whenConnected) {
      var deadline =
          group.schedule(this::expire, target.connectTimeout().toNanos(), TimeUnit.NANOSECONDS);
      opened.whenComplete((made, failed) -> deadline.cancel(false));
      socket(sockets)
          .whenComplete(
              (socket, thrown) -> {
                if (thrown == null && opened.isDone()) {
                  close(socket); // it has come too late
                } else if (thrown == null) {
                  connect(socket, equip, whenConnected);
                } else {
                  opened.completeExceptionally(noSocket(target, thrown));
                }
              });
    }

    private CompletableFuture<SocketChannel> socket(Sockets sockets) {
      try {
        return sockets.open(target.address());
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private static void close(SocketChannel socket) {
      try {
        socket.close();
      } catch (IOException neverConnected) {
        // nothing is lost with it
      }
    }

    private void connect(
        SocketChannel socket, Consumer<Channel> equip, Consumer<Channel> whenConnected) {
      var equipment =
          new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel made) {
              channel = made;
              equip.accept(made);
            }
          };
      new Bootstrap()
          .group(group)
          .channelFactory(() -> new NioSocketChannel(socket))
          .option(ChannelOption.ALLOCATOR, BUFFERS)
          .option(ChannelOption.TCP_NODELAY, true)
          .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the limit of the whole is ours
          .handler(equipment)
          .connect(target.address())
          .addListener(
              (ChannelFutureListener)
                  done -> {
                    connected = done.isSuccess();
                    if (!done.isSuccess()) {
                      opened.completeExceptionally(Failures.of(target, done.cause()));
                    } else if (opened.isCompletedExceptionally()) {
                      hangUp();
                    } else {
                      whenConnected.accept(done.channel());
                    }
                  });
    }

    private void expire() {
      if (opened.completeExceptionally(neverOpened())) {
        hangUp();
      }
    }

    private Failure neverOpened() {
      long millis = target.connectTimeout().toMillis();
      if (!connected) {
        return Failures.failure(
            Failure.Kind.TIMEOUT, target, "did not take the connection in time");
      }
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

    void hangUp() {
      Channel made = channel;
      if (made != null) {
        made.close();
      }
    }
  }

  private static Failure noSocket(Target target, Throwable thrown) {
    String why = thrown instanceof CompletionException ? causeOf(thrown) : thrown.toString();
    return Failures.failure(Failure.Kind.UNREACHABLE, target, "cannot be dialled: " + why);
  }

  private static String causeOf(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause == null ? thrown.toString() : String.valueOf(cause.getMessage());
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
