package dev.thaw.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The least that a Go program is to {@link GoBinary}, as bytes that a test may spoil: one segment
 * of code, one of data, a table of functions with every marked one, and its module data.
 */
final class TinyGo {
  static final int SIZE = 0x1000;
  static final int TEXT = 0x800;
  static final long BASE = 0x400000;

  /** Where things lie in the file; in memory they lie {@link #BASE} higher. */
  static final int SEGMENTS = 64;

  static final int TABLE = 0x200;
  static final int NAMES = 0x100;
  static final int ENTRIES = 0x200;
  static final int MODULE = 0xc00;
  static final int RELOCATIONS = 0xe00;
  static final int DYNAMIC = 0xf00;

  private TinyGo() {}

  /** A program that is right in every respect, but for what {@code spoil} does. */
  static byte[] bytes(Consumer<ByteBuffer> spoil) {
    var bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).putShort(18, (short) 62);
    bytes.putLong(32, SEGMENTS).putShort(56, (short) 2);
    segment(bytes, 0, 1, 5, 0, MODULE);
    segment(bytes, 1, 1, 6, MODULE, SIZE - MODULE);
    functions(bytes);
    bytes.putLong(MODULE, BASE + TABLE);
    bytes.putLong(MODULE + 160, BASE + TEXT);
    bytes.putLong(MODULE + 168, BASE + TEXT + 16L * MarkKind.values().length);
    bytes.putLong(MODULE + 176, BASE + TEXT);
    spoil.accept(bytes);
    return bytes.array();
  }

  static byte[] bytes() {
    return bytes(unspoilt -> {});
  }

  /** As position-independent programs are: the loader fills in the module data's pointers. */
  static byte[] relocated() {
    return bytes(
        bytes -> {
          bytes.putShort(56, (short) 3);
          segment(bytes, 2, 2, 6, DYNAMIC, 64);
          bytes.putLong(DYNAMIC, 7).putLong(DYNAMIC + 8, BASE + RELOCATIONS);
          bytes.putLong(DYNAMIC + 16, 8).putLong(DYNAMIC + 24, 4 * 24);
          int at = RELOCATIONS;
          for (int word : new int[] {0, 160, 168, 176}) {
            long value = bytes.getLong(MODULE + word);
            bytes.putLong(at, BASE + MODULE + word).putLong(at + 8, 8).putLong(at + 16, value);
            bytes.putLong(MODULE + word, 0);
            at += 24;
          }
        });
  }

  static void segment(ByteBuffer bytes, int index, int type, int flags, long offset, long size) {
    int at = SEGMENTS + 56 * index;
    bytes.putInt(at, type).putInt(at + 4, flags).putLong(at + 8, offset);
    bytes.putLong(at + 16, BASE + offset).putLong(at + 32, size).putLong(at + 40, size);
  }

  private static void functions(ByteBuffer bytes) {
    MarkKind[] kinds = MarkKind.values();
    bytes.putInt(TABLE, 0xfffffff1).putInt(TABLE + 4, 1 << 16 | 8 << 24);
    bytes.putLong(TABLE + 8, kinds.length);
    bytes.putLong(TABLE + 32, NAMES).putLong(TABLE + 64, ENTRIES);
    int name = 0;
    for (int i = 0; i < kinds.length; i++) {
      int entry = TABLE + ENTRIES + 8 * i;
      int function = 0x80 + 8 * i;
      bytes.putInt(entry, 16 * i).putInt(entry + 4, function);
      bytes.putInt(TABLE + ENTRIES + function + 4, name);
      byte[] symbol = kinds[i].symbol().getBytes(StandardCharsets.US_ASCII);
      bytes.put(TABLE + NAMES + name, symbol);
      name += symbol.length + 1;
    }
    bytes.putInt(TABLE + ENTRIES + 8 * kinds.length, 16 * kinds.length);
  }
}
