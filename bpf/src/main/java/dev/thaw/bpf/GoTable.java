package dev.thaw.bpf;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The table of functions that a Go program keeps for itself ({@code .gopclntab}), which stripping
 * cannot take away: every function's name and its distance from the start of the code.
 *
 * <p>That start stands in the program's module data, the one place whose first word points back to
 * the table and whose bounds of the code agree with the first and the last function: Go's own
 * runtime ends a program at once where they do not. Nothing less is taken as sure; the start that
 * headers before Go 1.26 give is the linker's, and wrong where another linker has moved the code.
 *
 * <p>Its reads throw {@link ElfFile.MalformedException} where the table leads out of the file.
 */
final class GoTable {
  /** Where sections of this table are; the second in position-independent programs. */
  static final List<String> SECTIONS = List.of(".gopclntab", ".data.rel.ro.gopclntab");

  private static final int MAX_FUNCTIONS = 1 << 21;

  /** Words in the data of such a size may well equal the table's address by chance. */
  private static final int MAX_CANDIDATES = 16;

  /** Go 1.18 and 1.19, then Go 1.20 and later; the header has the same shape. */
  private static final int MAGIC_118 = 0xfffffff0;

  private static final int MAGIC_120 = 0xfffffff1;
  private static final int HEADER_SIZE = 72;

  /** What the first word of every header has in common: magic, two zero bytes, a pointer's size. */
  private static final long SHAPE = 0x0800_0000_ffff_fff0L;

  private static final long SHAPE_MASK = 0xff00_ffff_ffff_fffeL;

  /** Offsets in the module data, the same from Go 1.18 to 1.26. */
  private static final int MODULE_MIN_PC = 160;

  private static final int MODULE_MAX_PC = 168;
  private static final int MODULE_TEXT = 176;

  private final ElfFile elf;
  private final long address; // in memory
  private final String how;
  private final int size;
  private final long names; // these two in the file
  private final long entries;

  private GoTable(ElfFile elf, long offset, long address, String how) {
    this.elf = elf;
    this.address = address;
    this.how = how;
    this.size = (int) elf.longAt(offset + 8);
    this.names = offset + elf.longAt(offset + 32);
    this.entries = offset + elf.longAt(offset + 64);
  }

  /** By its section, else by its header anywhere in what is loaded. */
  static Optional<GoTable> find(ElfFile elf) {
    for (String name : SECTIONS) {
      var section = elf.section(name);
      if (section.isPresent() && isHeader(elf, section.get().offset())) {
        return Optional.of(new GoTable(elf, section.get().offset(), section.get().address(), name));
      }
    }
    for (ElfFile.Segment segment : elf.segments()) {
      for (long at = elf.next(segment, segment.offset(), SHAPE_MASK, SHAPE); // as Go 1.26 aligns it
          at >= 0;
          at = elf.next(segment, at + 8, SHAPE_MASK, SHAPE)) {
        if (at <= elf.size() - HEADER_SIZE && isHeader(elf, at)) {
          long address = segment.address() + at - segment.offset();
          return Optional.of(
              new GoTable(elf, at, address, "table of functions found by its header"));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The magic, two zero bytes, the smallest instruction (1 or 4), the pointer's size, a sane count.
   */
  private static boolean isHeader(ElfFile elf, long at) {
    int magic = elf.intAt(at);
    if (magic != MAGIC_118 && magic != MAGIC_120) {
      return false;
    }
    int rest = elf.intAt(at + 4);
    int quantum = rest >>> 16 & 0xff;
    long functions = elf.longAt(at + 8);
    return (rest & 0xffff) == 0
        && (quantum == 1 || quantum == 4)
        && rest >>> 24 == 8
        && functions > 0
        && functions <= MAX_FUNCTIONS;
  }

  /** Where the table was found. */
  String how() {
    return how;
  }

  /** How many functions it says it has: more than the file has room for, if it lies. */
  int size() {
    return size;
  }

  /** Whether the file has room for as many functions as the table says it has. */
  boolean fits() {
    return entries >= 0 && size <= (elf.size() - entries) / 8;
  }

  /** How far from the start of the code this function begins. */
  long distance(int function) {
    return Integer.toUnsignedLong(elf.intAt(entries + 8L * function));
  }

  /** Where in the file this function's name stands. */
  long name(int function) {
    long record = entries + Integer.toUnsignedLong(elf.intAt(entries + 8L * function + 4));
    return names + elf.intAt(record + 4);
  }

  /** The address at which the code starts; empty when no module data agrees with the table. */
  OptionalLong text() {
    long first = distance(0);
    long end = distance(size);
    for (long module : elf.pointersTo(address, MAX_CANDIDATES)) {
      if (elf.fileOffset(module + MODULE_TEXT).isPresent()) {
        long text = elf.pointer(module + MODULE_TEXT);
        if (elf.isCode(text)
            && elf.pointer(module + MODULE_MIN_PC) == text + first
            && elf.pointer(module + MODULE_MAX_PC) == text + end) {
          return OptionalLong.of(text);
        }
      }
    }
    return OptionalLong.empty();
  }
}
