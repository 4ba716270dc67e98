package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The promised kernel, Linux 5.8, knows one atomic instruction, which adds and tells nothing; every
 * other came with 5.12 and would have the whole object refused.
 */
class AtomicsTest {
  private static final int ATOMIC_32 = 0xc3;
  private static final int ATOMIC_64 = 0xdb;
  private static final int CODE = 4;

  @ParameterizedTest
  @ValueSource(strings = {"startup.bpf.o", "balance.bpf.o", "pressure.bpf.o"})
  void noProgramHasAnAtomicThatOnlyLaterKernelsKnow(String object) throws IOException {
    assertThat(later(object)).isEmpty();
  }

  /** Offsets in the file of atomics that are no plain addition. */
  private static List<Long> later(String object) throws IOException {
    ByteBuffer bytes = read(object);
    var found = new ArrayList<Long>();
    int sections = (int) bytes.getLong(40);
    for (int i = 0; i < bytes.getShort(60); i++) {
      int section = sections + 64 * i;
      boolean code = (bytes.getLong(section + 8) & CODE) != 0;
      long at = bytes.getLong(section + 24);
      long end = at + (code ? bytes.getLong(section + 32) : 0);
      for (; at < end; at += 8) {
        int operation = bytes.get((int) at) & 0xff;
        boolean wide = operation == 0x18; // the next eight bytes are its constant
        boolean atomic = operation == ATOMIC_32 || operation == ATOMIC_64;
        if (atomic && bytes.getInt((int) at + 4) != 0) {
          found.add(at);
        }
        at += wide ? 8 : 0;
      }
    }
    return found;
  }

  private static ByteBuffer read(String object) throws IOException {
    try (var stream = BpfObject.class.getResourceAsStream(object)) {
      return ByteBuffer.wrap(Objects.requireNonNull(stream, object).readAllBytes())
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
