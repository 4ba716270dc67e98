package dev.thaw.bpf;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Collection;

/** What the fuzzer calls with every input; a process of its own, see {@link GoBinaryFuzzTest}. */
public final class GoBinaryFuzzer {
  private static final long MOST_BYTES = 64L << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static long most;

  private GoBinaryFuzzer() {}

  /** The first reading loads classes, which takes more memory than any input. */
  public static void fuzzerInitialize() {
    read(TinyGo.bytes());
    read(TinyGo.relocated());
  }

  public static void fuzzerTestOneInput(byte[] input) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    read(input);
    long used = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (used > most) {
      most = used;
      System.err.println("most memory of one input: " + used + " bytes");
    }
    if (used > MOST_BYTES) {
      throw new IllegalStateException("used " + used + " bytes of memory");
    }
  }

  private static void read(byte[] input) {
    check(GoBinary.parse(ByteBuffer.wrap(input)).offsets().values(), input.length);
    StartImage image = StartImage.parse(ByteBuffer.wrap(input));
    check(image.steps().values(), input.length);
    image.packages();
    image.goVersion();
    image.function(0x400800);
  }

  private static void check(Collection<Long> offsets, int size) {
    for (long offset : offsets) {
      if (offset < 0 || offset >= size) {
        throw new IllegalStateException("a probe at " + offset + " of " + size);
      }
    }
  }
}
