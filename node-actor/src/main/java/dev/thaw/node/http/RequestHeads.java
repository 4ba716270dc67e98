package dev.thaw.node.http;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Header blocks of one connection's requests. A prober asks the same again and again: its block is
 * made once, of strings that HPACK's table finds by identity instead of letter by letter.
 */
final class RequestHeads {
  private static final int USUAL = 8;

  private final AsciiString scheme;
  private final AsciiString authority;
  private volatile @Nullable Made last;

  private record Made(String method, String path, Map<String, String> from, Http2Headers head) {
    boolean isOf(String otherMethod, String otherPath, Map<String, String> headers) {
      return from == headers && method.equals(otherMethod) && path.equals(otherPath);
    }
  }

  RequestHeads(Target target, String scheme) {
    this.scheme = AsciiString.of(scheme);
    this.authority = AsciiString.of(target.requestAuthority());
  }

  /** The block of this request; kept, if the same map of headers comes again. */
  Http2Headers of(String method, String path, Map<String, String> headers) {
    Made known = last;
    if (known == null || !known.isOf(method, path, headers)) {
      known = new Made(method, path, headers, make(method, path, headers));
      last = known;
    }
    return known.head();
  }

  /** The block of a gRPC call, which is a POST. */
  Http2Headers ofCall(String path, Map<String, String> headers) {
    return make("POST", path, headers)
        .set("content-type", "application/grpc")
        .set("te", "trailers");
  }

  private Http2Headers make(String method, String path, Map<String, String> headers) {
    Http2Headers all =
        new DefaultHttp2Headers(false, USUAL)
            .method(AsciiString.of(method))
            .path(AsciiString.of(path))
            .scheme(scheme)
            .authority(authority);
    headers.forEach(
        (name, value) ->
            all.set(AsciiString.of(name.toLowerCase(Locale.ROOT)), AsciiString.of(value)));
    return all;
  }
}
