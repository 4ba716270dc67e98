package dev.thaw.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A file that is in memory, or mapped. Any thread. */
final class BufferBytes implements ElfBytes {
  private final ByteBuffer bytes;

  BufferBytes(ByteBuffer bytes) {
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public long size() {
    return bytes.limit();
  }

  @Override
  public byte byteAt(long offset) {
    check(offset, Byte.BYTES);
    return bytes.get((int) offset);
  }

  @Override
  public int intAt(long offset) {
    check(offset, Integer.BYTES);
    return bytes.getInt((int) offset);
  }

  @Override
  public long longAt(long offset) {
    check(offset, Long.BYTES);
    return bytes.getLong((int) offset);
  }
}
