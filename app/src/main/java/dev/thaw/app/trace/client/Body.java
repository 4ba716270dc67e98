package dev.thaw.app.trace.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * An answer's body while it comes in: counted and dropped, but for its beginning and for what
 * somebody wants of it. However large it is, it takes no room. One thread.
 */
final class Body extends OutputStream {
  /** Enough for the words of a refusal. */
  static final int BEGINNING = 4 * 1024;

  private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();
  private final OutputStream wanted;
  private final long most;
  private long bytes;

  /**
   * @param wanted gets its first bytes, and stays the caller's
   * @param most at most so many
   */
  Body(OutputStream wanted, long most) {
    this.wanted = wanted;
    this.most = most;
  }

  /** One of which nobody wants more than the beginning. */
  static Body dropped() {
    return new Body(nullOutputStream(), 0);
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    beginning.write(from, offset, (int) within(BEGINNING, length));
    wanted.write(from, offset, (int) within(most, length));
    bytes += length;
  }

  /** How many of the next bytes are among the first {@code first} of all. */
  private long within(long first, int length) {
    return Math.max(0, Math.min(length, first - bytes));
  }

  /** How many came, kept or not. */
  long bytes() {
    return bytes;
  }

  byte[] beginning() {
    return beginning.toByteArray();
  }
}
