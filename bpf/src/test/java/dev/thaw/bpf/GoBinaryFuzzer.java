package dev.thaw.bpf;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;

/** What the fuzzer calls with every input; a process of its own, see {@link GoBinaryFuzzTest}. */
public final class GoBinaryFuzzer {
  private static final long MOST_BYTES = 64L << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private GoBinaryFuzzer() {}

  public static void fuzzerTestOneInput(byte[] input) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    GoBinary binary = GoBinary.parse(ByteBuffer.wrap(input));
    long used = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (used > MOST_BYTES) {
      throw new IllegalStateException("used " + used + " bytes of memory");
    }
    binary
        .offsets()
        .forEach(
            (kind, offset) -> {
              if (offset < 0 || offset >= input.length) {
                throw new IllegalStateException(kind + " at " + offset);
              }
            });
  }
}
