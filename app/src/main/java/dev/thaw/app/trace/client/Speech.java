package dev.thaw.app.trace.client;

import java.util.Optional;

/**
 * How a server is spoken to.
 *
 * @param call the gRPC method that every request calls with an empty message; empty: a GET
 */
public record Speech(boolean tls, boolean http2, Optional<String> call) {

  /** Such as {@code HTTP/1.1}, {@code h2c} or {@code gRPC over TLS}. */
  public String words() {
    if (call.isPresent()) {
      return "gRPC " + call.get() + (tls ? " over TLS" : "");
    }
    return http2 ? tls ? "h2" : "h2c" : tls ? "HTTP/1.1 over TLS" : "HTTP/1.1";
  }

  /** The same with calls instead of GETs. */
  public Speech calling(String method) {
    return new Speech(tls, true, Optional.of(method));
  }
}
