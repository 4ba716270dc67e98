package dev.thaw.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/**
 * A file's bytes by offset, little-endian, read in pages of which a few are kept. Never mapped: a
 * file that is cut short meanwhile would end the JVM. Whoever follows hostile offsets is stopped by
 * {@link ElfFile.MalformedException} after a bounded amount of reading. One thread.
 */
final class FileBytes implements ElfBytes {
  private static final int PAGE = 1 << 16;

  /** With {@link #PAGE}: at most 16 MB are held. */
  private static final int KEPT = 256;

  /**
   * Pages read, over all: a quarter of a GiB, which takes some tenths of a second. An honest
   * program's tables are far smaller, and are read once.
   */
  private static final int MOST_READS = 1 << 12;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final byte[] NOT_READ = {};

  private final Source source;
  private final long size;
  private final byte[][] pages = new byte[KEPT][];
  private final long[] held = new long[KEPT];
  private int reads;

  /** Fills {@code into} from {@code offset} on; what lies behind the end stays as it is. */
  interface Source {
    void read(long offset, ByteBuffer into) throws IOException;
  }

  FileBytes(long size, Source source) {
    this.size = size;
    this.source = source;
    Arrays.fill(pages, NOT_READ);
  }

  static FileBytes of(FileChannel channel) throws IOException {
    return new FileBytes(
        channel.size(),
        (offset, into) -> {
          while (into.hasRemaining() && channel.read(into, offset + into.position()) >= 0) {
            continue;
          }
        });
  }

  static FileBytes of(ByteBuffer bytes) {
    return new FileBytes(
        bytes.limit(),
        (offset, into) ->
            into.put(
                bytes
                    .duplicate()
                    .position((int) offset)
                    .limit((int) Math.min(bytes.limit(), offset + into.remaining()))));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public byte byteAt(long offset) {
    check(offset, Byte.BYTES);
    return page(offset)[(int) offset & PAGE - 1];
  }

  @Override
  public int intAt(long offset) {
    check(offset, Integer.BYTES);
    int within = (int) offset & PAGE - 1;
    return within <= PAGE - Integer.BYTES
        ? (int) INT.get(page(offset), within)
        : shortAt(offset) | shortAt(offset + 2) << 16;
  }

  @Override
  public long longAt(long offset) {
    check(offset, Long.BYTES);
    int within = (int) offset & PAGE - 1;
    return within <= PAGE - Long.BYTES
        ? (long) LONG.get(page(offset), within)
        : Integer.toUnsignedLong(intAt(offset)) | (long) intAt(offset + 4) << 32;
  }

  /** As it is told there, without a call for every word. */
  @Override
  public long next(long from, long end, long mask, long value) {
    long at = from + 7 & ~7L;
    long last = Math.min(end, size) - Long.BYTES;
    while (at >= 0 && at <= last) {
      byte[] page = page(at);
      int within = (int) at & PAGE - 1;
      long stop = Math.min(PAGE - Long.BYTES, within + last - at);
      for (int i = within; i <= stop; i += Long.BYTES) {
        if (((long) LONG.get(page, i) & mask) == value) {
          return at + i - within;
        }
      }
      at += PAGE - within;
    }
    return end;
  }

  private byte[] page(long offset) {
    long number = offset / PAGE;
    int slot = (int) (number % KEPT);
    byte[] page = pages[slot];
    if (page != NOT_READ && held[slot] == number) {
      return page;
    }
    return read(number, slot, page == NOT_READ ? new byte[PAGE] : page);
  }

  private byte[] read(long number, int slot, byte[] page) {
    if (++reads > MOST_READS) {
      throw new ElfFile.MalformedException("its tables lead all over the file");
    }
    try {
      source.read(number * PAGE, ByteBuffer.wrap(page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    held[slot] = number;
    pages[slot] = page;
    return page;
  }
}
