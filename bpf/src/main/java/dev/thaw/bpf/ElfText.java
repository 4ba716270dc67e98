package dev.thaw.bpf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** What symbolising needs of an ELF file beyond the way from an address to its place. */
final class ElfText {
  private static final int INTERPRETER = 3;

  /** A hostile table may have a million names that are all the rest of the file. */
  private static final int LONGEST = 512;

  private ElfText() {}

  /** The text at a place in the file up to its NUL; cut at 512 bytes. */
  static String at(ElfFile elf, long offset) {
    var text = new ByteArrayOutputStream();
    for (byte next = elf.byteAt(offset);
        next != 0 && text.size() < LONGEST;
        next = elf.byteAt(offset + text.size())) {
      text.write(next);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /** The address of the first instruction. */
  static long entry(ElfFile elf) {
    return elf.longAt(24);
  }

  /** Whether a loader runs before the first instruction. */
  static boolean isDynamic(ElfFile elf) {
    return elf.segments().stream().anyMatch(segment -> segment.type() == INTERPRETER);
  }

  /** The virtual address of the byte at a place in the file. */
  static OptionalLong address(ElfFile elf, long offset) {
    return elf.segments().stream()
        .filter(
            segment ->
                segment.type() == ElfFile.LOAD
                    && offset >= segment.offset()
                    && offset - segment.offset() < segment.fileSize())
        .mapToLong(segment -> offset - segment.offset() + segment.address())
        .findFirst();
  }
}
