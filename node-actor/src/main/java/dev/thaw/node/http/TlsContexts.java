package dev.thaw.node.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * One TLS context for all connections of the same files, renewed when a file is: certificates
 * rotate. Any thread.
 */
final class TlsContexts {
  private record Key(Optional<String> caFile, Optional<Target.KeyFiles> client, boolean http2) {
    /** When each file was changed, and how long it is: what is renewed may carry an older date. */
    List<Long> seen() {
      return Stream.concat(
              caFile.stream(),
              client.stream().flatMap(files -> Stream.of(files.certificate(), files.key())))
          .map(File::new)
          .flatMap(file -> Stream.of(file.lastModified(), file.length()))
          .toList();
    }
  }

  private record Made(SslContext context, List<Long> of) {}

  private final Map<Key, Made> known = new ConcurrentHashMap<>();

  /** A handler for one connection to this target; fails when a file cannot be used. */
  SslHandler handler(Target target, ByteBufAllocator allocator) throws SSLException {
    String name = target.tls().serverName().orElseGet(() -> target.address().getHostString());
    SslHandler handler = context(target).newHandler(allocator, name, target.address().getPort());
    handler.setHandshakeTimeoutMillis(0); // whoever dials limits it together with all the rest
    handler.setCloseNotifyFlushTimeoutMillis(0); // whoever closes has no more to say
    return handler;
  }

  private SslContext context(Target target) throws SSLException {
    var key = new Key(target.tls().caFile(), target.tls().clientCertificate(), target.allowHttp2());
    List<Long> seen = key.seen();
    Made made = known.get(key);
    if (made == null || !made.of().equals(seen)) {
      made = new Made(make(key), seen);
      known.put(key, made);
    }
    return made.context();
  }

  private static SslContext make(Key key) throws SSLException {
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
    try {
      key.client()
          .ifPresent(
              files -> builder.keyManager(new File(files.certificate()), new File(files.key())));
      if (key.caFile().isPresent()) {
        builder.trustManager(new File(key.caFile().get())).endpointIdentificationAlgorithm("HTTPS");
      } else {
        builder
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null);
      }
    } catch (IllegalArgumentException e) {
      throw new SSLException(
          "%s: %s (expected: PEM files of certificates, and a PKCS#8 key)"
              .formatted(files(key), Optional.ofNullable(e.getCause()).orElse(e).getMessage()),
          e);
    }
    return builder.build();
  }

  private static String files(Key key) {
    return Stream.concat(
            key.caFile().stream(),
            key.client().stream().flatMap(files -> Stream.of(files.certificate(), files.key())))
        .reduce((a, b) -> a + ", " + b)
        .orElse("");
  }
}
