package dev.thaw.app;

/** Why a command does nothing (more): its message is what the user reads. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exitCode;

  private Refusal(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The request itself is wrong. */
  public static Refusal usage(String message) {
    return new Refusal(Main.USAGE, message);
  }

  /** The request is right, but cannot be met now. */
  public static Refusal now(String message) {
    return new Refusal(Main.REFUSED, message);
  }

  int exitCode() {
    return exitCode;
  }
}
