package dev.thaw.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The structures that a BPF object's BTF describes, for comparison with what Java reads and writes.
 *
 * @see <a href="https://docs.kernel.org/bpf/btf.html">BPF Type Format</a>
 */
final class Btf {
  private static final short MAGIC = (short) 0xeb9f;
  private static final int STRUCT = 4;

  /** Bytes that follow a type's common twelve, by kind: fixed, and per member. */
  private static final int[] FIXED = {0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0};

  private static final int[] EACH = {
    0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12
  };

  private final Map<String, Struct> structs = new HashMap<>();

  /** A structure: its size and its members' offsets, in bytes. */
  record Struct(int size, Map<String, Integer> offsets) {
    int at(String member) {
      Integer offset = offsets.get(member);
      if (offset == null) {
        throw new AssertionError("no member " + member + " (there are " + offsets.keySet() + ")");
      }
      return offset;
    }
  }

  private Btf(ByteBuffer btf) {
    int types = btf.getInt(4) + btf.getInt(8);
    int end = types + btf.getInt(12);
    int strings = btf.getInt(4) + btf.getInt(16);
    for (int at = types; at < end; ) {
      int info = btf.getInt(at + 4);
      int members = info & 0xffff;
      int kind = info >>> 24 & 0x1f;
      if (kind == STRUCT) {
        var offsets = new LinkedHashMap<String, Integer>();
        for (int i = 0; i < members; i++) {
          int member = at + 12 + 12 * i;
          offsets.put(text(btf, strings + btf.getInt(member)), btf.getInt(member + 8) / 8);
        }
        structs.put(text(btf, strings + btf.getInt(at)), new Struct(btf.getInt(at + 8), offsets));
      }
      at += 12 + FIXED[kind] + EACH[kind] * members;
    }
  }

  /** Of an object that is shipped in the jar. */
  static Btf of(String object) throws IOException {
    try (InputStream in = Btf.class.getResourceAsStream(object)) {
      var bytes = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      ElfFile.Section section = ElfFile.parse(FileBytes.of(bytes)).section(".BTF").orElseThrow();
      var btf =
          bytes.slice((int) section.offset(), (int) section.size()).order(ByteOrder.LITTLE_ENDIAN);
      if (btf.getShort(0) != MAGIC) {
        throw new IOException(object + " has no BTF");
      }
      return new Btf(btf);
    }
  }

  Struct struct(String name) {
    Struct found = structs.get(name);
    if (found == null) {
      throw new AssertionError("no struct " + name + " (there are " + structs.keySet() + ")");
    }
    return found;
  }

  private static String text(ByteBuffer btf, int at) {
    int end = at;
    while (btf.get(end) != 0) {
      end++;
    }
    var name = new byte[end - at];
    btf.get(at, name);
    return new String(name, StandardCharsets.UTF_8);
  }
}
