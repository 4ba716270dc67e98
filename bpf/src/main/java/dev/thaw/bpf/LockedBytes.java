package dev.thaw.bpf;

/** Bytes of a file for several threads, one after another. */
final class LockedBytes implements ElfBytes {
  private final ElfBytes bytes;

  LockedBytes(ElfBytes bytes) {
    this.bytes = bytes;
  }

  @Override
  public long size() {
    return bytes.size();
  }

  @Override
  public synchronized byte byteAt(long offset) {
    return bytes.byteAt(offset);
  }

  @Override
  public synchronized int intAt(long offset) {
    return bytes.intAt(offset);
  }

  @Override
  public synchronized long longAt(long offset) {
    return bytes.longAt(offset);
  }

  @Override
  public synchronized long next(long from, long end, long mask, long value) {
    return bytes.next(from, end, mask, value);
  }
}
