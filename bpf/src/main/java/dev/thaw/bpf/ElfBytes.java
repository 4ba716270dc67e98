package dev.thaw.bpf;

/**
 * The bytes of an ELF file by offset, little-endian. Every method throws {@link
 * ElfFile.MalformedException} for what lies outside.
 */
interface ElfBytes {
  long size();

  byte byteAt(long offset);

  int intAt(long offset);

  long longAt(long offset);

  default int shortAt(long offset) {
    return byteAt(offset) & 0xff | (byteAt(offset + 1) & 0xff) << 8;
  }

  /**
   * The first word of eight bytes, at a multiple of eight from {@code from} on, that has this value
   * under this mask; {@code end} or more when there is none before it.
   */
  default long next(long from, long end, long mask, long value) {
    long at = from + 7 & ~7L;
    while (at <= end - Long.BYTES && (longAt(at) & mask) != value) {
      at += Long.BYTES;
    }
    return at <= end - Long.BYTES ? at : end;
  }

  /** Refuses what does not lie inside. */
  default void check(long offset, int length) {
    if (offset < 0 || offset > size() - length) {
      throw new ElfFile.MalformedException("it points to byte " + offset + " of " + size());
    }
  }
}
