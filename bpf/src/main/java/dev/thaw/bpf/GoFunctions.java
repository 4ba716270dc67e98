package dev.thaw.bpf;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The functions of a Go program by the table it keeps for itself ({@code .gopclntab}).
 *
 * <p>The table holds every function's name and its distance from the start of the code. That start
 * stands in the program's module data, the one place whose first word points back to the table and
 * whose bounds of the code agree with the first and the last function: Go's own runtime ends a
 * program at once where they do not. Nothing less is taken as sure; the start that headers before
 * Go 1.26 give is the linker's, and wrong where another linker has moved the code.
 *
 * @param offsets file offsets of the marked functions
 * @param how where the table was found
 */
record GoFunctions(Map<MarkKind, Long> offsets, String how) {
  private static final List<String> SECTIONS = List.of(".gopclntab", ".data.rel.ro.gopclntab");
  private static final int MAX_FUNCTIONS = 1 << 21;

  /** Words in the data of such a size may well equal the table's address by chance. */
  private static final int MAX_CANDIDATES = 16;

  /** Go 1.18 and 1.19, then Go 1.20 and later; the header has the same shape. */
  private static final int MAGIC_118 = 0xfffffff0;

  private static final int MAGIC_120 = 0xfffffff1;

  /** Offsets in the module data, the same from Go 1.18 to 1.26. */
  private static final int MODULE_MIN_PC = 160;

  private static final int MODULE_MAX_PC = 168;
  private static final int MODULE_TEXT = 176;

  /** Go's table: at {@code offset} in the file, at {@code address} in memory. */
  private record Table(long offset, long address, String how) {}

  /** Empty when there is no table, or no module data that agrees with it. */
  static Optional<GoFunctions> find(ElfFile elf) {
    Optional<Table> table = table(elf);
    OptionalLong text = table.isEmpty() ? OptionalLong.empty() : text(elf, table.get());
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new GoFunctions(offsets(elf, table.get(), text.getAsLong()), table.get().how()));
  }

  static boolean isGo(ElfFile elf) {
    return SECTIONS.stream().anyMatch(name -> elf.section(name).isPresent())
        || elf.hasNoteOf("Go\0")
        || table(elf).isPresent();
  }

  /** A sentence on a program in which nothing was found. */
  static String whyNot(ElfFile elf) {
    if (table(elf).isPresent()) {
      return "it is a Go program, but the start of its code could not be made sure of";
    }
    for (String name : SECTIONS) {
      var section = elf.section(name);
      if (section.isPresent()) {
        return "it is a Go program, but its table of functions (header 0x%08x) is not of Go 1.18 to 1.26"
            .formatted(elf.intAt(section.get().offset()));
      }
    }
    return isGo(elf)
        ? "it is a Go program, but it has no table of functions as Go 1.18 to 1.26 have"
        : "it is no Go program: it has no table of Go functions";
  }

  private static Optional<Table> table(ElfFile elf) {
    for (String name : SECTIONS) {
      var section = elf.section(name);
      if (section.isPresent() && isHeader(elf, section.get().offset())) {
        return Optional.of(new Table(section.get().offset(), section.get().address(), name));
      }
    }
    for (ElfFile.Segment segment : elf.segments()) {
      long end = Math.min(elf.size(), segment.offset() + segment.fileSize()) - 72;
      for (long at = segment.offset() + 7 & ~7L; // as Go 1.26 aligns it
          segment.type() == ElfFile.LOAD && at >= 0 && at <= end;
          at += 8) {
        if (isHeader(elf, at)) {
          return Optional.of(
              new Table(
                  at,
                  segment.address() + at - segment.offset(),
                  "table of functions found by its header"));
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

  private static OptionalLong text(ElfFile elf, Table table) {
    long functions = elf.longAt(table.offset() + 8);
    long entries = table.offset() + elf.longAt(table.offset() + 64);
    long first = Integer.toUnsignedLong(elf.intAt(entries));
    long end = Integer.toUnsignedLong(elf.intAt(entries + 8 * functions));
    for (long module : elf.pointersTo(table.address(), MAX_CANDIDATES)) {
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

  private static Map<MarkKind, Long> offsets(ElfFile elf, Table table, long text) {
    var found = new EnumMap<MarkKind, Long>(MarkKind.class);
    long functions = elf.longAt(table.offset() + 8);
    long names = table.offset() + elf.longAt(table.offset() + 32);
    long entries = table.offset() + elf.longAt(table.offset() + 64);
    for (long i = 0; i < functions; i++) {
      long function = entries + Integer.toUnsignedLong(elf.intAt(entries + 8 * i + 4));
      long name = names + elf.intAt(function + 4);
      for (MarkKind kind : MarkKind.values()) {
        if (elf.isText(name, kind.symbolWithNul())) {
          long address = text + Integer.toUnsignedLong(elf.intAt(entries + 8 * i));
          if (elf.isCode(address)) {
            elf.fileOffset(address).ifPresent(offset -> found.put(kind, offset));
          }
        }
      }
    }
    return found;
  }
}
