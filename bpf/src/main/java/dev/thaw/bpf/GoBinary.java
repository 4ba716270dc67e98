package dev.thaw.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where a Go executable keeps the functions that mark its start. Reads the symbol table or, when
 * that is stripped, the line table ({@code .gopclntab}) that Go needs itself; Go 1.18 and later.
 * When it is not sure it names no offset: a probe in mid-instruction would damage the program
 * without any error.
 *
 * @param offsets file offsets, as a uprobe wants them
 * @param how where they were found, or why there are none
 */
public record GoBinary(Map<MarkKind, Long> offsets, String how) {
  private static final long MAX_SIZE = Integer.MAX_VALUE;
  private static final int MAX_FUNCTIONS = 1 << 22;
  private static final long MAX_SYMBOLS = 1 << 22;

  /** Go 1.18 and 1.19, then Go 1.20 and later; the header has the same shape. */
  private static final int MAGIC_118 = 0xfffffff0;

  private static final int MAGIC_120 = 0xfffffff1;

  /**
   * The word of Go's module data that holds the text's start, since the line table's header does
   * not (Go 1.26).
   */
  private static final int MODULE_TEXT = 176;

  public GoBinary {
    offsets = Map.copyOf(offsets);
  }

  /** Reads an executable; never throws, whatever the file holds. */
  public static GoBinary read(Path file) {
    try (var channel = FileChannel.open(file)) {
      if (channel.size() > MAX_SIZE) {
        return none("it is larger than 2 GiB");
      }
      return parse(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    } catch (IOException e) {
      return none("it cannot be read: " + e.getMessage());
    }
  }

  /** As {@link #read}, of bytes. */
  static GoBinary parse(ByteBuffer bytes) {
    try {
      return find(ElfFile.parse(bytes.order(ByteOrder.LITTLE_ENDIAN)));
    } catch (ElfFile.MalformedException e) {
      return none(String.valueOf(e.getMessage()));
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      return none("it is malformed: " + e.getMessage());
    }
  }

  private static GoBinary none(String why) {
    return new GoBinary(Map.of(), why);
  }

  private static GoBinary find(ElfFile elf) {
    LineTable lines = LineTable.find(elf);
    if (lines == null) {
      return none("it is no Go program of 1.18 or later: it has no line table");
    }
    Map<MarkKind, Long> symbols = symbols(elf);
    if (!symbols.isEmpty()) {
      return new GoBinary(symbols, "symbol table");
    }
    OptionalLong text = lines.textStart(elf);
    if (text.isEmpty()) {
      return none("the start of its code could not be made sure of");
    }
    var offsets = new EnumMap<MarkKind, Long>(MarkKind.class);
    lines
        .entries(elf)
        .forEach(
            (kind, entry) ->
                codeOffset(elf, text.getAsLong() + entry).ifPresent(at -> offsets.put(kind, at)));
    return new GoBinary(offsets, lines.how());
  }

  private static OptionalLong codeOffset(ElfFile elf, long address) {
    return elf.isCode(address) ? elf.fileOffset(address) : OptionalLong.empty();
  }

  /** By the ordinary symbol table: entries of 24 bytes, the address at 8. */
  private static Map<MarkKind, Long> symbols(ElfFile elf) {
    var found = new EnumMap<MarkKind, Long>(MarkKind.class);
    var table = elf.section(".symtab");
    var names = elf.section(".strtab");
    if (table.isEmpty() || names.isEmpty()) {
      return found;
    }
    long count = Math.min(table.get().size() / 24, MAX_SYMBOLS);
    for (long i = 0; i < count; i++) {
      long at = table.get().offset() + 24 * i;
      long name = names.get().offset() + Integer.toUnsignedLong(elf.intAt(at));
      for (MarkKind kind : MarkKind.values()) {
        if (elf.isText(name, withNul(kind))) {
          codeOffset(elf, elf.longAt(at + 8)).ifPresent(offset -> found.put(kind, offset));
        }
      }
    }
    return found;
  }

  private static byte[] withNul(MarkKind kind) {
    return (kind.symbol() + "\0").getBytes(StandardCharsets.UTF_8);
  }

  /** Go's table of functions: at {@code offset} in the file, at {@code address} in memory. */
  private record LineTable(long offset, long address, String how) {

    static @Nullable LineTable find(ElfFile elf) {
      for (String name : new String[] {".gopclntab", ".data.rel.ro.gopclntab"}) {
        var section = elf.section(name);
        if (section.isPresent() && isHeader(elf, section.get().offset())) {
          return new LineTable(section.get().offset(), section.get().address(), name);
        }
      }
      for (ElfFile.Segment segment : elf.segments()) {
        long end = Math.min(elf.size(), segment.offset() + segment.fileSize()) - 72;
        for (long at = (segment.offset() + 7) & ~7L; // Go 1.26 aligns it no better
            segment.type() == ElfFile.LOAD && at >= 0 && at < end;
            at += 8) {
          if (isHeader(elf, at)) {
            return new LineTable(
                at, segment.address() + at - segment.offset(), "line table found by its header");
          }
        }
      }
      return null;
    }

    /**
     * The magic, two zero bytes, the smallest instruction (1 or 4), the pointer's size, a sane
     * count.
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

    /** Distances of the marked functions from the start of the text. */
    Map<MarkKind, Long> entries(ElfFile elf) {
      var found = new HashMap<MarkKind, Long>();
      long functions = elf.longAt(offset + 8);
      long names = offset + elf.longAt(offset + 32);
      long table = offset + elf.longAt(offset + 64);
      for (long i = 0; i < functions; i++) {
        long function = table + Integer.toUnsignedLong(elf.intAt(table + 8 * i + 4));
        long name = names + elf.intAt(function + 4);
        byte first = elf.byteAt(name);
        if (first != 'r' && first != 'm') {
          continue;
        }
        for (MarkKind kind : MarkKind.values()) {
          if (elf.isText(name, withNul(kind))) {
            found.put(kind, Integer.toUnsignedLong(elf.intAt(table + 8 * i)));
          }
        }
      }
      return found;
    }

    /**
     * From Go's module data, whose first word points back to this table; before Go 1.26 the header
     * says it too.
     */
    OptionalLong textStart(ElfFile elf) {
      OptionalLong module = module(elf);
      if (module.isPresent()) {
        long text = elf.pointer(module.getAsLong() + MODULE_TEXT);
        if (elf.isCode(text)) {
          return OptionalLong.of(text);
        }
      }
      long said = elf.longAt(offset + 24);
      return elf.isCode(said) ? OptionalLong.of(said) : OptionalLong.empty();
    }

    private OptionalLong module(ElfFile elf) {
      var section = elf.section(".go.module");
      if (section.isPresent() && elf.pointer(section.get().address()) == address) {
        return OptionalLong.of(section.get().address());
      }
      OptionalLong relocated = elf.pointerTo(address);
      return relocated.isPresent() ? relocated : wordEqualTo(elf);
    }

    private OptionalLong wordEqualTo(ElfFile elf) {
      for (ElfFile.Segment segment : elf.segments()) {
        boolean data = segment.type() == ElfFile.LOAD && (segment.flags() & ElfFile.WRITABLE) != 0;
        long end = Math.min(elf.size(), segment.offset() + segment.fileSize()) - MODULE_TEXT - 8;
        for (long at = (segment.offset() + 7) & ~7L; data && at >= 0 && at < end; at += 8) {
          if (elf.longAt(at) == address && elf.isCode(elf.longAt(at + MODULE_TEXT))) {
            return OptionalLong.of(segment.address() + at - segment.offset());
          }
        }
      }
      return OptionalLong.empty();
    }
  }
}
