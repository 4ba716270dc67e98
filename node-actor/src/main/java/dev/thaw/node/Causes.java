package dev.thaw.node;

/** Why something failed, in one sentence. */
final class Causes {
  private Causes() {}

  /** What the innermost cause says; its type where it says nothing. */
  static String sentence(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
