package dev.thaw.node.http;

import java.util.concurrent.CompletionException;

/** Why a pod did not answer as it should, typed, with a sentence for people. */
public final class Failure extends Exception {
  private static final long serialVersionUID = 1L;

  /** The kinds that are told apart; each has its like in {@code ProbeReport.Outcome}. */
  public enum Kind {
    /** Nobody listens. */
    REFUSED,
    /** The network knows no way there. */
    UNREACHABLE,
    /** TCP's handshake did not end in time. */
    TIMEOUT,
    /** It took the connection and said nothing. */
    HUNG,
    /** An open connection that had answered before is silent: its other end may be gone. */
    HALF_OPEN,
    /** It began to answer and did not come to an end. */
    SLOW,
    /** The connection ended before the answer did. */
    RESET,
    /** The server ended this stream, not the connection. */
    STREAM_RESET,
    /** The server takes no further requests on this connection. */
    GOAWAY,
    /** GOAWAY with ENHANCE_YOUR_CALM: too many PINGs for its taste. No fault of the pod. */
    CALM,
    /** Its SETTINGS are not allowed. */
    SETTINGS,
    /** It gives no window to send in, or sends more than ours. */
    FLOW_CONTROL,
    /** The server allows no further stream at once. */
    STREAM_LIMIT,
    /** Headers or body over what a probe takes. */
    OVERSIZED,
    /** Only 1xx, never an answer. */
    INTERIM_ONLY,
    /** gRPC: trailers that say OK, and no message. */
    TRAILERS_ONLY,
    /** gRPC: another status than OK. */
    GRPC_STATUS,
    /** gRPC health: it answers, and says that it does not serve. */
    NOT_SERVING,
    /** Bytes that are no answer. */
    PROTOCOL_ERROR,
    /** It speaks another protocol than the policy demands, or than was tried. */
    WRONG_PROTOCOL,
    /** Asked for TLS, it answers in plain text. */
    NO_TLS,
    /** No TLS connection, for another reason than the next ones. */
    TLS_FAILED,
    /** The server's certificate has expired, or does not hold yet. */
    TLS_EXPIRED,
    /** The server's certificate is another name's. */
    TLS_WRONG_NAME,
    /** The server's certificate is from an authority that the policy does not name. */
    TLS_UNTRUSTED,
    /** No HTTP/2 agreed on by ALPN where it is demanded. */
    TLS_NO_ALPN,
    /** The server wants a client's certificate that the policy does not give, or another. */
    TLS_CLIENT_CERTIFICATE
  }

  private final Kind kind;
  private final String sentence;

  public Failure(Kind kind, String sentence) {
    super(sentence, null, false, false); // many a second while a pod is down: no stack traces
    this.kind = kind;
    this.sentence = sentence;
  }

  /** Why a future of this package has failed; what nobody foresaw is no proper answer. */
  public static Failure of(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return cause instanceof Failure failure
        ? failure
        : new Failure(Kind.PROTOCOL_ERROR, "it could not be asked: " + cause);
  }

  @Override
  public String getMessage() {
    return sentence;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the connection is of no more use; else only this one request has failed. */
  public boolean endsConnection() {
    return switch (kind) {
      case STREAM_RESET, STREAM_LIMIT, OVERSIZED, TRAILERS_ONLY, GRPC_STATUS, NOT_SERVING -> false;
      default -> true;
    };
  }

  /** The answer would have come later than a probe waits. */
  public boolean isLate() {
    return switch (kind) {
      case TIMEOUT, HUNG, HALF_OPEN, SLOW, INTERIM_ONLY -> true;
      default -> false;
    };
  }
}
