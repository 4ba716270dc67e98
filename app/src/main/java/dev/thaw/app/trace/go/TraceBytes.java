package dev.thaw.app.trace.go;

import java.nio.charset.StandardCharsets;

/** Numbers and texts of an execution trace, in their order. Every step is checked. */
final class TraceBytes {
  private static final int MOST_BITS = 64;

  private final byte[] bytes;
  private final int end;
  private int at;

  TraceBytes(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** The trace breaks off, or is none. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  boolean hasMore() {
    return at < end;
  }

  int one() throws Malformed {
    if (at >= end) {
      throw new Malformed("it breaks off");
    }
    return bytes[at++] & 0xff;
  }

  /** A number in groups of seven bits, the lowest first. */
  long number() throws Malformed {
    long value = 0;
    for (int shift = 0; shift < MOST_BITS; shift += 7) {
      int group = one();
      value |= (long) (group & 0x7f) << shift;
      if (group < 0x80) {
        return value;
      }
    }
    throw new Malformed("a number has no end");
  }

  /** So many bytes from here on, which are passed over. */
  TraceBytes part(long length) throws Malformed {
    if (length < 0 || length > end - at) {
      throw new Malformed("it breaks off");
    }
    var part = new TraceBytes(bytes, at, at + (int) length);
    at += (int) length;
    return part;
  }

  String text() {
    return new String(bytes, at, end - at, StandardCharsets.UTF_8);
  }
}
