package dev.thaw.bpf;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Every function of a Go program by address, from the line table that stripping cannot take away.
 * The table counts from the start of the text, which {@link GoBinary} knows through the functions
 * it has made sure of.
 */
final class GoSymbols {
  private static final int MAGIC_118 = 0xfffffff0;
  private static final int MAGIC_120 = 0xfffffff1;
  private static final int MOST = 1 << 22;

  private GoSymbols() {}

  /** Empty when this is no Go program, or its text's start is not known for sure. */
  static Optional<FunctionTable> functions(ElfFile elf, GoBinary binary) {
    OptionalLong header = header(elf);
    if (header.isEmpty()) {
      return Optional.empty();
    }
    long at = header.getAsLong();
    long names = at + elf.longAt(at + 32);
    long table = at + elf.longAt(at + 64);
    long count = elf.longAt(at + 8);
    if (table < 0 || count > (elf.size() - table) / 8) {
      throw new ElfFile.MalformedException(count + " functions in " + elf.size() + " bytes");
    }
    FunctionTable.Names name =
        i ->
            ElfText.at(
                elf,
                names
                    + elf.intAt(table + Integer.toUnsignedLong(elf.intAt(table + 8L * i + 4)) + 4));
    long[] starts = new long[(int) count];
    for (int i = 0; i < count; i++) {
      starts[i] = Integer.toUnsignedLong(elf.intAt(table + 8L * i));
    }
    OptionalLong text = textStart(elf, binary, starts, name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    for (int i = 0; i < count; i++) {
      starts[i] += text.getAsLong();
    }
    return Optional.of(new FunctionTable(starts, new long[(int) count], name));
  }

  /** A function whose place is known, less its distance from the start of the text. */
  private static OptionalLong textStart(
      ElfFile elf, GoBinary binary, long[] entries, FunctionTable.Names names) {
    for (Map.Entry<MarkKind, Long> known : binary.offsets().entrySet()) {
      OptionalLong address = ElfText.address(elf, known.getValue());
      for (int i = 0; address.isPresent() && i < entries.length; i++) {
        if (known.getKey().symbol().equals(names.of(i))) {
          return OptionalLong.of(address.getAsLong() - entries[i]);
        }
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong header(ElfFile elf) {
    for (String name : new String[] {".gopclntab", ".data.rel.ro.gopclntab"}) {
      var section = elf.section(name);
      if (section.isPresent() && isHeader(elf, section.get().offset())) {
        return OptionalLong.of(section.get().offset());
      }
    }
    for (ElfFile.Segment segment : elf.segments()) {
      long end = Math.min(elf.size(), segment.offset() + segment.fileSize()) - 72;
      for (long at = (segment.offset() + 7) & ~7L; // as Go 1.26 aligns it
          segment.type() == ElfFile.LOAD && at >= 0 && at < end;
          at += 8) {
        if (isHeader(elf, at)) {
          return OptionalLong.of(at);
        }
      }
    }
    return OptionalLong.empty();
  }

  private static boolean isHeader(ElfFile elf, long at) {
    int magic = elf.intAt(at);
    int rest = elf.intAt(at + 4);
    int quantum = rest >>> 16 & 0xff;
    return (magic == MAGIC_118 || magic == MAGIC_120)
        && (rest & 0xffff) == 0
        && (quantum == 1 || quantum == 4)
        && rest >>> 24 == 8
        && elf.longAt(at + 8) > 0
        && elf.longAt(at + 8) <= MOST;
  }
}
