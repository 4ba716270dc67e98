package dev.thaw.node.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.File;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Opens connections to pods, all on one event loop. Any thread.
 *
 * <p>A plain HTTP/1.1 server may well answer HTTP/2's preface through its application: only a
 * SETTINGS frame proves HTTP/2. What comes instead tells how to try again.
 */
public final class Connector implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("thaw-probes", true), NioIoHandler.newFactory());
  private final Map<TlsKey, SslContext> contexts = new ConcurrentHashMap<>();

  /** Loads what TLS needs beforehand: a JVM's first context takes longer than a probe may. */
  public Connector() {
    group.execute(
        () -> {
          try {
            context(new TlsKey(Optional.empty(), true))
                .newEngine(UnpooledByteBufAllocator.DEFAULT)
                .getSupportedCipherSuites();
          } catch (SSLException e) {
            throw new IllegalStateException("a JVM without TLS", e);
          }
        });
  }

  private record TlsKey(Optional<String> caFile, boolean http2) {}

  /** The timers of this event loop: callbacks run on the thread that the connections use. */
  public ScheduledExecutorService timers() {
    return group;
  }

  /** Only opens and closes a TCP connection. */
  public CompletableFuture<Void> touch(Target target) {
    var done = new CompletableFuture<Void>();
    bootstrap(target)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                // nothing is ever said
              }
            })
        .connect(target.address())
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  if (connected.isSuccess()) {
                    connected.channel().close();
                    done.complete(null);
                  } else {
                    done.completeExceptionally(failure(target, connected.cause()));
                  }
                });
    return done;
  }

  /** Opens a connection; complete once the protocol is proven. Fails with a {@link Failure}. */
  public CompletableFuture<HttpConnection> connect(Target target, Wire wire) {
    var opened = new CompletableFuture<HttpConnection>();
    ChannelFuture connecting =
        bootstrap(target)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) throws SSLException {
                    equip(channel, target, wire, opened);
                  }
                })
            .connect(target.address());
    connecting.addListener(
        (ChannelFutureListener)
            connected -> {
              if (!connected.isSuccess()) {
                opened.completeExceptionally(failure(target, connected.cause()));
              }
            });
    Channel channel = connecting.channel();
    var deadline =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  if (opened.completeExceptionally(
                      new Failure(
                          Failure.Kind.TIMEOUT,
                          "%s took the connection and said nothing within %d ms"
                              .formatted(text(target), target.connectTimeout().toMillis())))) {
                    channel.close();
                  }
                },
                target.connectTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
    opened.whenComplete((connection, failed) -> deadline.cancel(false));
    return opened;
  }

  private Bootstrap bootstrap(Target target) {
    return new Bootstrap()
        .group(group)
        .channel(NioSocketChannel.class)
        .option(
            ChannelOption.ALLOCATOR,
            UnpooledByteBufAllocator.DEFAULT) // a few connections: pools would cost more
        .option(ChannelOption.TCP_NODELAY, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.max(1, target.connectTimeout().toMillis()));
  }

  private void equip(
      Channel channel, Target target, Wire wire, CompletableFuture<HttpConnection> opened)
      throws SSLException {
    switch (wire) {
      case HTTP1 -> Http1Connection.equip(channel.pipeline(), target, "http/1.1", opened);
      case H2C -> {
        channel.pipeline().addLast(new FirstBytes(target, opened));
        Http2Connection.equip(channel.pipeline(), target, "h2c", opened);
      }
      case TLS -> {
        SslHandler tls = tls(channel, target);
        channel.pipeline().addLast(tls, new Negotiated(target, opened));
      }
    }
  }

  private SslHandler tls(Channel channel, Target target) throws SSLException {
    String name = target.serverName().orElse(target.address().getHostString());
    SslHandler handler =
        context(new TlsKey(target.caFile(), target.allowHttp2()))
            .newHandler(channel.alloc(), name, target.address().getPort());
    handler.setHandshakeTimeoutMillis(target.connectTimeout().toMillis());
    return handler;
  }

  private SslContext context(TlsKey key) throws SSLException {
    SslContext known = contexts.get(key);
    if (known != null) {
      return known;
    }
    var protocols =
        key.http2()
            ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
            : List.of(ApplicationProtocolNames.HTTP_1_1);
    var builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    protocols));
    if (key.caFile().isPresent()) {
      builder.trustManager(new File(key.caFile().get())).endpointIdentificationAlgorithm("HTTPS");
    } else {
      builder
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null);
    }
    SslContext made = builder.build();
    contexts.put(key, made);
    return made;
  }

  /** What a connection's failure is to an operator. */
  static Failure failure(Target target, Throwable cause) {
    if (cause instanceof Failure failure) {
      return failure;
    } else if (cause instanceof io.netty.channel.ConnectTimeoutException) {
      return new Failure(
          Failure.Kind.TIMEOUT, text(target) + " did not take the connection in time");
    } else if (cause instanceof ConnectException) {
      return new Failure(
          Failure.Kind.REFUSED, text(target) + " refused the connection: nobody listens there");
    } else if (cause instanceof SSLException) {
      return new Failure(
          Failure.Kind.TLS_FAILED, "no TLS with " + text(target) + ": " + cause.getMessage());
    } else if (cause instanceof io.netty.handler.codec.DecoderException
        && cause.getCause() instanceof SSLException tls) {
      return new Failure(
          Failure.Kind.TLS_FAILED, "no TLS with " + text(target) + ": " + tls.getMessage());
    } else if (cause instanceof java.io.IOException) {
      return new Failure(
          Failure.Kind.RESET, text(target) + " broke the connection: " + cause.getMessage());
    }
    return new Failure(
        Failure.Kind.PROTOCOL_ERROR,
        text(target) + " sent no proper answer: " + cause.getMessage());
  }

  static String text(Target target) {
    return target.address().getAddress().getHostAddress() + " port " + target.address().getPort();
  }

  /** Closes every connection and ends the thread; does not wait. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
