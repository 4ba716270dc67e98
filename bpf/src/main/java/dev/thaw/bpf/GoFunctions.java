package dev.thaw.bpf;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The marked functions of a Go program, by the table it keeps for itself.
 *
 * @param offsets file offsets of the marked functions
 * @param how where the table was found
 */
record GoFunctions(Map<MarkKind, Long> offsets, String how) {

  /** Empty when there is no table, or the start of the code is not known for sure. */
  static Optional<GoFunctions> find(ElfFile elf, Optional<GoTable> table) {
    OptionalLong text = table.isEmpty() ? OptionalLong.empty() : table.get().text();
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new GoFunctions(offsets(elf, table.get(), text.getAsLong()), table.get().how()));
  }

  static boolean isGo(ElfFile elf, Optional<GoTable> table) {
    return GoTable.SECTIONS.stream().anyMatch(name -> elf.section(name).isPresent())
        || elf.hasNoteOf("Go\0")
        || table.isPresent();
  }

  /** A sentence on a program in which nothing was found. */
  static String whyNot(ElfFile elf, Optional<GoTable> table) {
    if (table.isPresent()) {
      return "it is a Go program, but the start of its code could not be made sure of";
    }
    for (String name : GoTable.SECTIONS) {
      var section = elf.section(name);
      if (section.isPresent()) {
        return "it is a Go program, but its table of functions (header 0x%08x) is not of Go 1.18 to 1.26"
            .formatted(elf.intAt(section.get().offset()));
      }
    }
    return isGo(elf, table)
        ? "it is a Go program, but it has no table of functions as Go 1.18 to 1.26 have"
        : "it is no Go program: it has no table of Go functions";
  }

  private static Map<MarkKind, Long> offsets(ElfFile elf, GoTable table, long text) {
    var found = new EnumMap<MarkKind, Long>(MarkKind.class);
    for (int i = 0; i < table.size(); i++) {
      long name = table.name(i);
      for (MarkKind kind : MarkKind.values()) {
        if (elf.isText(name, kind.symbolWithNul())) {
          long address = text + table.distance(i);
          if (elf.isCode(address)) {
            elf.fileOffset(address).ifPresent(offset -> found.put(kind, offset));
          }
        }
      }
    }
    return found;
  }
}
