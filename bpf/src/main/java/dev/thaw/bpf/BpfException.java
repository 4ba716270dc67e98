package dev.thaw.bpf;

/**
 * The kernel or libbpf refused; the message is a sentence with the cause and, where there is one,
 * the cure.
 */
public final class BpfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BpfException(String message) {
    super(message);
  }

  public BpfException(String message, Throwable cause) {
    super(message, cause);
  }
}
