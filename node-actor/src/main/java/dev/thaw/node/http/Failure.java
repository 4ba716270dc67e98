package dev.thaw.node.http;

/** Why a pod did not answer as it should, typed, with a sentence for people. */
public final class Failure extends Exception {
  private static final long serialVersionUID = 1L;

  /** The kinds that are told apart. */
  public enum Kind {
    /** Nobody listens, or nobody can be reached. */
    REFUSED,
    /** No answer in time. */
    TIMEOUT,
    /** The connection ended before the answer did. */
    RESET,
    /** No TLS connection that may be trusted. */
    TLS_FAILED,
    /** Bytes that are no answer. */
    PROTOCOL_ERROR,
    /** It speaks another protocol than the policy demands, or than was tried. */
    WRONG_PROTOCOL
  }

  private final Kind kind;
  private final String sentence;

  public Failure(Kind kind, String sentence) {
    super(sentence, null, false, false); // many a second while a pod is down: no stack traces
    this.kind = kind;
    this.sentence = sentence;
  }

  @Override
  public String getMessage() {
    return sentence;
  }

  public Kind kind() {
    return kind;
  }
}
