package dev.thaw.bpf;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The ordinary symbol tables of an ELF file: {@code .symtab}, or what stripping leaves of it. */
final class ElfSymbols {
  private static final int ENTRY = 24;
  private static final int MOST = 1 << 20;
  private static final int FUNCTION = 2;

  private ElfSymbols() {}

  /** Functions by address; empty without any table. */
  static Optional<FunctionTable> functions(ElfFile elf) {
    return functions(elf, ".symtab", ".strtab").or(() -> functions(elf, ".dynsym", ".dynstr"));
  }

  private static Optional<FunctionTable> functions(ElfFile elf, String table, String strings) {
    var symbols = elf.section(table);
    var names = elf.section(strings);
    if (symbols.isEmpty() || names.isEmpty()) {
      return Optional.empty();
    }
    long at = symbols.get().offset();
    int[] order =
        IntStream.range(0, count(elf, symbols.get()))
            .filter(i -> isFunction(elf, at + (long) ENTRY * i))
            .boxed()
            .sorted(
                (a, b) ->
                    Long.compareUnsigned(
                        elf.longAt(at + (long) ENTRY * a + 8),
                        elf.longAt(at + (long) ENTRY * b + 8)))
            .mapToInt(Integer::intValue)
            .toArray();
    long[] starts = new long[order.length];
    long[] ends = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      long entry = at + (long) ENTRY * order[i];
      starts[i] = elf.longAt(entry + 8);
      ends[i] = starts[i] + Math.max(1, elf.longAt(entry + 16));
    }
    long text = names.get().offset();
    return Optional.of(
        new FunctionTable(
            starts,
            ends,
            i ->
                ElfText.at(
                    elf, text + Integer.toUnsignedLong(elf.intAt(at + (long) ENTRY * order[i])))));
  }

  /** Addresses of symbols of any kind whose names are wanted. */
  static Map<Long, String> named(ElfFile elf, Predicate<String> wanted) {
    var found = new HashMap<Long, String>();
    var symbols = elf.section(".symtab");
    var names = elf.section(".strtab");
    if (symbols.isEmpty() || names.isEmpty()) {
      return found;
    }
    for (int i = 0; i < count(elf, symbols.get()); i++) {
      long entry = symbols.get().offset() + (long) ENTRY * i;
      String name =
          ElfText.at(elf, names.get().offset() + Integer.toUnsignedLong(elf.intAt(entry)));
      if (wanted.test(name)) {
        found.put(elf.longAt(entry + 8), name);
      }
    }
    return found;
  }

  private static int count(ElfFile elf, ElfFile.Section symbols) {
    long bytes = Math.min(symbols.size(), elf.size() - symbols.offset());
    return (int) Math.max(0, Math.min(MOST, bytes / ENTRY));
  }

  /** A function that this file itself defines. */
  private static boolean isFunction(ElfFile elf, long entry) {
    return (elf.byteAt(entry + 4) & 0xf) == FUNCTION
        && (elf.intAt(entry + 4) >>> 16) != 0
        && elf.longAt(entry + 8) != 0;
  }
}
