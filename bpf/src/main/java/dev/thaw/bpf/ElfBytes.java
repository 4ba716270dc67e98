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

  /** Refuses what does not lie inside. */
  default void check(long offset, int length) {
    if (offset < 0 || offset > size() - length) {
      throw new ElfFile.MalformedException("it points to byte %d of %d".formatted(offset, size()));
    }
  }
}
