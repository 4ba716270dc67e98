package dev.thaw.bpf;

/**
 * The kernel or libbpf refused; the message is a sentence with the cause and, where there is one,
 * the cure.
 */
public final class BpfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String detail;

  public BpfException(String message) {
    this(message, "");
  }

  /** {@code detail}: all that libbpf said, line by line. */
  BpfException(String message, String detail) {
    super(message);
    this.detail = detail;
  }

  public BpfException(String message, Throwable cause) {
    super(message, cause);
    this.detail = "";
  }

  /** What a report of the refusal should hold beside its sentence; empty when there is no more. */
  public String detail() {
    return detail;
  }
}
