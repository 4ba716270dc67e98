package dev.thaw.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a Go executable keeps the functions that mark its start: by Go's own table of functions (Go
 * 1.18 and later, stripped or not), else by the ordinary symbol table. When it is not sure it names
 * no offset: a probe in mid-instruction would damage the program without any error.
 *
 * @param offsets file offsets, as a uprobe wants them
 * @param how where they were found, or why there are none
 * @param unsure it is a Go program and has no offsets all the same
 */
public record GoBinary(Map<MarkKind, Long> offsets, String how, boolean unsure) {
  private static final long MAX_SIZE = 1L << 30;
  private static final long MAX_SYMBOLS = 1 << 21;
  private static final int SYMBOL_SIZE = 24;
  private static final int X86_64 = 62;
  private static final int ARM64 = 183;

  public GoBinary {
    offsets = Map.copyOf(offsets);
  }

  /** Reads an executable; never throws, whatever the file holds. */
  public static GoBinary read(Path file) {
    try (var channel = FileChannel.open(file)) {
      if (channel.size() > MAX_SIZE) {
        return none("it is larger than 1 GiB");
      }
      return parse(FileBytes.of(channel));
    } catch (IOException e) {
      return none("it cannot be read: " + e.getMessage());
    } catch (UncheckedIOException e) {
      return none("it cannot be read: " + e.getMessage());
    }
  }

  /** As {@link #read}, of bytes. */
  static GoBinary parse(ByteBuffer bytes) {
    return parse(FileBytes.of(bytes));
  }

  static GoBinary parse(FileBytes bytes) {
    try {
      return find(ElfFile.parse(bytes));
    } catch (ElfFile.MalformedException e) {
      return none(String.valueOf(e.getMessage()));
    }
  }

  private static GoBinary none(String why) {
    return new GoBinary(Map.of(), why, false);
  }

  /**
   * As {@link #read}, of a file that was read already.
   *
   * @throws ElfFile.MalformedException when its symbol table leads out of the file
   */
  static GoBinary find(ElfFile elf) {
    if (elf.machine() != X86_64 && elf.machine() != ARM64) {
      return none(
          "it is for machine %d (known: %d x86-64, %d arm64)"
              .formatted(elf.machine(), X86_64, ARM64));
    }
    String why;
    boolean go;
    try {
      Optional<GoTable> table = GoTable.find(elf);
      Optional<GoFunctions> functions = GoFunctions.find(elf, table);
      if (functions.isPresent()) {
        return new GoBinary(functions.get().offsets(), functions.get().how(), false);
      }
      go = GoFunctions.isGo(elf, table);
      why = GoFunctions.whyNot(elf, table);
    } catch (ElfFile.MalformedException e) {
      go = true;
      why = String.valueOf(e.getMessage());
    }
    Map<MarkKind, Long> symbols = symbols(elf);
    return symbols.containsKey(MarkKind.RUNTIME_MAIN)
        ? new GoBinary(symbols, "symbol table", false)
        : new GoBinary(Map.of(), why, go);
  }

  private static Map<MarkKind, Long> symbols(ElfFile elf) {
    var found = new EnumMap<MarkKind, Long>(MarkKind.class);
    var table = elf.section(".symtab");
    var names = elf.section(".strtab");
    if (table.isEmpty() || names.isEmpty()) {
      return found;
    }
    long count = Math.min(table.get().size() / SYMBOL_SIZE, MAX_SYMBOLS);
    for (long i = 0; i < count; i++) {
      long at = table.get().offset() + SYMBOL_SIZE * i;
      long name = names.get().offset() + Integer.toUnsignedLong(elf.intAt(at));
      for (MarkKind kind : MarkKind.values()) {
        if (elf.isText(name, kind.symbolWithNul()) && elf.isCode(elf.longAt(at + 8))) {
          elf.fileOffset(elf.longAt(at + 8)).ifPresent(offset -> found.put(kind, offset));
        }
      }
    }
    return found;
  }
}
