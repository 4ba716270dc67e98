package dev.thaw.app.trace.client;

import java.util.List;
import java.util.Optional;

/**
 * What is known beforehand of how a server speaks; what is empty is found out, from the commonest
 * on. Pure.
 *
 * @param http2 false: HTTP/1.1 alone
 * @param call a gRPC method, which needs HTTP/2
 */
public record Wish(Optional<Boolean> tls, Optional<Boolean> http2, Optional<String> call) {

  /** Nothing is known. */
  public static final Wish ANY = new Wish(Optional.empty(), Optional.empty(), Optional.empty());

  /** What a server's refusal looked like. */
  public enum Refusal {
    /** A TLS record, or words that ask for HTTPS. */
    WANTS_TLS,
    /** A frame of HTTP/2. */
    WANTS_HTTP2,
    /** It closed the connection without a byte. */
    CLOSED,
    /** No handshake came about. */
    NO_TLS,
    /** Something else. */
    OTHER
  }

  /** All is known: as it was spoken to before. */
  public static Wish of(Speech speech) {
    return new Wish(Optional.of(speech.tls()), Optional.of(speech.http2()), speech.call());
  }

  /** What to try first. */
  public Speech first() {
    return new Speech(tls.orElse(false), http2.orElse(call.isPresent()), call);
  }

  /** What to try after this was refused; empty when nothing is left. */
  public Optional<Speech> next(Speech tried, Refusal refusal) {
    Speech secured = new Speech(true, http2.orElse(call.isPresent()), call);
    Speech frames = new Speech(tried.tls(), true, call);
    boolean mayTls = tls.isEmpty() && !tried.tls();
    boolean mayHttp2 = http2.isEmpty() && !tried.http2();
    return switch (refusal) {
      case WANTS_TLS -> mayTls ? Optional.of(secured) : Optional.empty();
      case WANTS_HTTP2 -> mayHttp2 ? Optional.of(frames) : Optional.empty();
      case CLOSED ->
          mayTls && !(tried.http2() && http2.isEmpty() && call.isEmpty())
              ? Optional.of(secured) // many more do that than speak HTTP/2 alone
              : mayHttp2 ? Optional.of(frames) : Optional.empty();
      case NO_TLS ->
          tried.tls() && tls.isEmpty() && http2.isEmpty() && call.isEmpty()
              ? Optional.of(new Speech(false, true, call))
              : Optional.empty();
      case OTHER -> Optional.empty();
    };
  }

  /** What is offered in a handshake. */
  public List<String> protocols() {
    return http2.isEmpty() && call.isEmpty()
        ? List.of("h2", "http/1.1")
        : List.of(http2.orElse(true) ? "h2" : "http/1.1");
  }
}
