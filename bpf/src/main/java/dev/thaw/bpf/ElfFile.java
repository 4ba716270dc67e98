package dev.thaw.bpf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The parts of a 64-bit little-endian ELF file that lead to a function's place in it. The bytes may
 * be hostile: every read is checked by the buffer, every count has a bound, and what does not fit
 * ends in an {@link IndexOutOfBoundsException} or a {@link MalformedException}.
 */
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final int MAX_SEGMENTS = 128;
  private static final int MAX_SECTIONS = 4096;
  private static final int RELATIVE_X86_64 = 8;
  private static final int RELATIVE_AARCH64 = 1027;
  static final int LOAD = 1;
  static final int EXECUTABLE = 1;
  static final int WRITABLE = 2;

  private final ByteBuffer bytes;
  private final List<Segment> segments;
  private final Map<String, Section> sections;

  /** What the file says cannot be so. */
  static final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  record Segment(int type, int flags, long offset, long address, long fileSize, long memorySize) {
    boolean holds(long at) {
      return type == LOAD && at >= address && at - address < fileSize;
    }
  }

  record Section(long address, long offset, long size) {}

  private ElfFile(ByteBuffer bytes, List<Segment> segments, Map<String, Section> sections) {
    this.bytes = bytes;
    this.segments = segments;
    this.sections = sections;
  }

  /** Reads the headers; section headers may be missing. {@code bytes} is little-endian. */
  static ElfFile parse(ByteBuffer bytes) {
    if (bytes.limit() < 64 || bytes.getInt(0) != MAGIC) {
      throw new MalformedException("it is not an ELF file");
    } else if (bytes.get(4) != 2 || bytes.get(5) != 1) {
      throw new MalformedException("it is not a 64-bit little-endian ELF file");
    }
    return new ElfFile(bytes, segments(bytes), sections(bytes));
  }

  private static List<Segment> segments(ByteBuffer bytes) {
    long table = bytes.getLong(32);
    int count = Short.toUnsignedInt(bytes.getShort(56));
    if (count > MAX_SEGMENTS) {
      throw new MalformedException(count + " segments (accepted: at most " + MAX_SEGMENTS + ")");
    }
    var segments = new ArrayList<Segment>();
    for (int i = 0; i < count; i++) {
      int at = index(table + 56L * i);
      segments.add(
          new Segment(
              bytes.getInt(at),
              bytes.getInt(at + 4),
              bytes.getLong(at + 8),
              bytes.getLong(at + 16),
              bytes.getLong(at + 32),
              bytes.getLong(at + 40)));
    }
    return segments;
  }

  /** Without section headers, or with headers that lead nowhere, there simply are none. */
  private static Map<String, Section> sections(ByteBuffer bytes) {
    var sections = new HashMap<String, Section>();
    long table = bytes.getLong(40);
    int count = Short.toUnsignedInt(bytes.getShort(60));
    if (table <= 0 || count > MAX_SECTIONS) {
      return sections;
    }
    try {
      long names = bytes.getLong(index(table + 64L * Short.toUnsignedInt(bytes.getShort(62)) + 24));
      for (int i = 0; i < count; i++) {
        int at = index(table + 64L * i);
        sections.putIfAbsent(
            text(bytes, names + Integer.toUnsignedLong(bytes.getInt(at))),
            new Section(bytes.getLong(at + 16), bytes.getLong(at + 24), bytes.getLong(at + 32)));
      }
    } catch (IndexOutOfBoundsException e) {
      sections.clear();
    }
    return sections;
  }

  private static String text(ByteBuffer bytes, long offset) {
    int from = index(offset);
    int to = from;
    while (to - from < 64 && bytes.get(to) != 0) {
      to++;
    }
    var name = new byte[to - from];
    bytes.get(from, name);
    return new String(name, StandardCharsets.UTF_8);
  }

  Optional<Section> section(String name) {
    return Optional.ofNullable(sections.get(name));
  }

  List<Segment> segments() {
    return segments;
  }

  long size() {
    return bytes.limit();
  }

  /** Whether the bytes at this file offset are this text and a NUL. */
  boolean isText(long offset, byte[] withNul) {
    int at = index(offset);
    for (byte wanted : withNul) {
      if (bytes.get(at++) != wanted) {
        return false;
      }
    }
    return true;
  }

  byte byteAt(long offset) {
    return bytes.get(index(offset));
  }

  int intAt(long offset) {
    return bytes.getInt(index(offset));
  }

  long longAt(long offset) {
    return bytes.getLong(index(offset));
  }

  /** Where in the file the byte of this virtual address lies. */
  OptionalLong fileOffset(long address) {
    return segments.stream()
        .filter(segment -> segment.holds(address))
        .mapToLong(segment -> address - segment.address() + segment.offset())
        .findFirst();
  }

  boolean isCode(long address) {
    return segments.stream()
        .anyMatch(segment -> (segment.flags() & EXECUTABLE) != 0 && segment.holds(address));
  }

  /**
   * The pointer that the loader will put at this address: a relocation's addend if there is one,
   * else the file's word.
   */
  long pointer(long address) {
    Section relocations = relocations();
    for (long at = relocations.offset(); at < end(relocations); at += 24) {
      if (longAt(at) == address && isRelative(at)) {
        return longAt(at + 16);
      }
    }
    return longAt(
        fileOffset(address)
            .orElseThrow(() -> new MalformedException("a pointer leads out of the file")));
  }

  /** The address of a word that the loader makes point to {@code target}. */
  OptionalLong pointerTo(long target) {
    Section relocations = relocations();
    for (long at = relocations.offset(); at < end(relocations); at += 24) {
      if (longAt(at + 16) == target && isRelative(at)) {
        return OptionalLong.of(longAt(at));
      }
    }
    return OptionalLong.empty();
  }

  private Section relocations() {
    return section(".rela").or(() -> section(".rela.dyn")).orElse(new Section(0, 0, 0));
  }

  private long end(Section relocations) {
    return Math.min(size() - 23, relocations.offset() + relocations.size());
  }

  private boolean isRelative(long relocation) {
    int type = intAt(relocation + 8);
    return type == RELATIVE_X86_64 || type == RELATIVE_AARCH64;
  }

  private static int index(long offset) {
    if (offset < 0 || offset > Integer.MAX_VALUE) {
      throw new IndexOutOfBoundsException("offset " + offset);
    }
    return (int) offset;
  }
}
