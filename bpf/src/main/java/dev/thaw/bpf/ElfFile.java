package dev.thaw.bpf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The parts of a 64-bit little-endian ELF file that lead to a function's place in it. The bytes may
 * be hostile: every read is checked, every count has a bound, and what does not fit ends in a
 * {@link MalformedException}. One thread.
 */
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final int MAX_SEGMENTS = 128;
  private static final int MAX_SECTIONS = 4096;
  private static final int MAX_DYNAMIC = 256;
  private static final int MAX_NOTES = 64;
  private static final long MAX_RELOCATIONS = 1 << 21;
  private static final int RELATIVE_X86_64 = 8;
  private static final int RELATIVE_AARCH64 = 1027;
  private static final int RELOCATION_SIZE = 24;
  private static final int DYNAMIC = 2;
  private static final int NOTE = 4;
  private static final long DT_RELA = 7;
  private static final long DT_RELASZ = 8;
  static final int LOAD = 1;
  static final int EXECUTABLE = 1;
  static final int WRITABLE = 2;

  private final ElfBytes bytes;
  private final List<Segment> segments;
  private final Map<String, Section> sections;
  private final Relocations relocations;

  /**
   * What the file says cannot be so; without a stack trace, for a file may say so a million times.
   */
  static final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message, null, false, false);
    }
  }

  record Segment(int type, int flags, long offset, long address, long fileSize) {
    boolean holds(long at) {
      return type == LOAD && at >= address && at - address < fileSize;
    }
  }

  record Section(long address, long offset, long size) {}

  /** {@code count} entries from this file offset on. */
  private record Relocations(long offset, long count) {}

  private ElfFile(ElfBytes bytes) {
    this.bytes = bytes;
    this.segments = segments(bytes);
    this.sections = sections(bytes);
    this.relocations = relocations();
  }

  /** Reads the headers; section headers may be missing. */
  static ElfFile parse(ElfBytes bytes) {
    if (bytes.size() < 64 || bytes.intAt(0) != MAGIC) {
      throw new MalformedException("it is not an ELF file");
    } else if (bytes.byteAt(4) != 2 || bytes.byteAt(5) != 1) {
      throw new MalformedException("it is not a 64-bit little-endian ELF file");
    }
    return new ElfFile(bytes);
  }

  private static List<Segment> segments(ElfBytes bytes) {
    long table = bytes.longAt(32);
    int count = bytes.shortAt(56);
    if (count > MAX_SEGMENTS) {
      throw new MalformedException(count + " segments (accepted: at most " + MAX_SEGMENTS + ")");
    }
    var segments = new ArrayList<Segment>();
    for (int i = 0; i < count; i++) {
      long at = table + 56L * i;
      segments.add(
          new Segment(
              bytes.intAt(at),
              bytes.intAt(at + 4),
              bytes.longAt(at + 8),
              bytes.longAt(at + 16),
              bytes.longAt(at + 32)));
    }
    return segments;
  }

  /** Without section headers, or with headers that lead nowhere, there simply are none. */
  private static Map<String, Section> sections(ElfBytes bytes) {
    var sections = new HashMap<String, Section>();
    long table = bytes.longAt(40);
    int count = bytes.shortAt(60);
    if (table <= 0 || count > MAX_SECTIONS) {
      return sections;
    }
    try {
      long names = bytes.longAt(table + 64L * bytes.shortAt(62) + 24);
      for (int i = 0; i < count; i++) {
        long at = table + 64L * i;
        sections.putIfAbsent(
            text(bytes, names + Integer.toUnsignedLong(bytes.intAt(at))),
            new Section(bytes.longAt(at + 16), bytes.longAt(at + 24), bytes.longAt(at + 32)));
      }
    } catch (MalformedException e) {
      sections.clear();
    }
    return sections;
  }

  private static String text(ElfBytes bytes, long offset) {
    var name = new StringBuilder();
    for (byte letter = bytes.byteAt(offset);
        letter != 0 && name.length() < 64;
        letter = bytes.byteAt(offset + name.length())) {
      name.append((char) (letter & 0xff));
    }
    return name.toString();
  }

  /** From the loader's own table, which is there without section headers too. */
  private Relocations relocations() {
    long address = 0;
    long size = 0;
    for (Segment segment : segments) {
      for (int i = 0; segment.type() == DYNAMIC && i < MAX_DYNAMIC; i++) {
        long at = segment.offset() + 16L * i;
        long tag = bytes.longAt(at);
        if (tag == 0) {
          break;
        } else if (tag == DT_RELA) {
          address = bytes.longAt(at + 8);
        } else if (tag == DT_RELASZ) {
          size = bytes.longAt(at + 8);
        }
      }
    }
    OptionalLong offset = fileOffset(address);
    if (offset.isEmpty() || size <= 0) {
      return new Relocations(0, 0);
    }
    long room = (size() - offset.getAsLong()) / RELOCATION_SIZE;
    long count = Math.min(room, size / RELOCATION_SIZE);
    if (count > MAX_RELOCATIONS) {
      throw new MalformedException(
          count + " relocations (accepted: at most " + MAX_RELOCATIONS + ")");
    }
    return new Relocations(offset.getAsLong(), count);
  }

  Optional<Section> section(String name) {
    return Optional.ofNullable(sections.get(name));
  }

  List<Segment> segments() {
    return segments;
  }

  long size() {
    return bytes.size();
  }

  /** The processor it is for, as ELF numbers them. */
  int machine() {
    return bytes.shortAt(18);
  }

  /** Whether a note of this owner is in the program, such as Go's build id. */
  boolean hasNoteOf(String owner) {
    byte[] wanted = (owner + "\0").getBytes(StandardCharsets.US_ASCII);
    for (Segment segment : segments) {
      long end = Math.min(size() - 12, segment.offset() + segment.fileSize());
      long at = segment.offset();
      for (int i = 0; segment.type() == NOTE && i < MAX_NOTES && at >= 0 && at < end; i++) {
        long name = Integer.toUnsignedLong(intAt(at));
        if (name == wanted.length && isText(at + 12, wanted)) {
          return true;
        }
        at += 12 + (name + 3 & ~3L) + (Integer.toUnsignedLong(intAt(at + 4)) + 3 & ~3L);
      }
    }
    return false;
  }

  /** Whether the bytes at this file offset are this text and a NUL. */
  boolean isText(long offset, byte[] withNul) {
    long at = offset;
    for (byte wanted : withNul) {
      if (bytes.byteAt(at++) != wanted) {
        return false;
      }
    }
    return true;
  }

  byte byteAt(long offset) {
    return bytes.byteAt(offset);
  }

  int intAt(long offset) {
    return bytes.intAt(offset);
  }

  long longAt(long offset) {
    return bytes.longAt(offset);
  }

  /** Where in the file the byte of this virtual address lies; empty when it is not in there. */
  OptionalLong fileOffset(long address) {
    for (Segment segment : segments) {
      if (segment.holds(address)) {
        long offset = address - segment.address() + segment.offset();
        return offset >= 0 && offset < size() ? OptionalLong.of(offset) : OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }

  boolean isCode(long address) {
    for (Segment segment : segments) {
      if ((segment.flags() & EXECUTABLE) != 0 && segment.holds(address)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The pointer that the loader will put at this address: a relocation's addend if there is one,
   * else the file's word.
   */
  long pointer(long address) {
    for (long i = 0; i < relocations.count(); i++) {
      long at = relocations.offset() + RELOCATION_SIZE * i;
      if (longAt(at) == address && isRelative(at)) {
        return longAt(at + 16);
      }
    }
    return longAt(
        fileOffset(address)
            .orElseThrow(() -> new MalformedException("a pointer leads out of the file")));
  }

  /** The addresses of words that the loader makes point to {@code target}; at most so many. */
  List<Long> pointersTo(long target, int most) {
    var found = new ArrayList<Long>();
    for (long i = 0; i < relocations.count() && found.size() < most; i++) {
      long at = relocations.offset() + RELOCATION_SIZE * i;
      if (longAt(at + 16) == target && isRelative(at)) {
        found.add(longAt(at));
      }
    }
    for (Segment segment : segments) {
      if ((segment.flags() & WRITABLE) != 0) {
        for (long at = next(segment, segment.offset(), -1, target);
            at >= 0 && found.size() < most;
            at = next(segment, at + Long.BYTES, -1, target)) {
          found.add(segment.address() + at - segment.offset());
        }
      }
    }
    return found;
  }

  /**
   * Where in the file the first word that has this value under this mask lies, in what is loaded of
   * a segment, from a place in the file on; -1 when there is none.
   */
  long next(Segment segment, long from, long mask, long value) {
    long end = Math.min(size(), segment.offset() + segment.fileSize());
    if (segment.type() != LOAD || from < 0 || end < 0) {
      return -1;
    }
    long at = bytes.next(from, end, mask, value);
    return at <= end - Long.BYTES ? at : -1;
  }

  private boolean isRelative(long relocation) {
    int type = intAt(relocation + 8);
    return type == RELATIVE_X86_64 || type == RELATIVE_AARCH64;
  }
}
