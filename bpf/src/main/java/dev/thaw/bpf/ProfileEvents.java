package dev.thaw.bpf;

import com.sun.jna.Pointer;
import dev.thaw.bpf.os.Listeners;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the records of {@code profile_event.h}. */
final class ProfileEvents {
  static final int SIZE = 40;
  static final int EXEC_SIZE = 296;
  static final int STEP_SIZE = 48;
  static final int OFF_CPU_SIZE = 256;
  static final int SAMPLE_SIZE = 1056;
  static final int USER_FRAMES = 100;
  static final int KERNEL_FRAMES = 27;
  private static final int AF_INET6 = 10;

  private ProfileEvents() {}

  /**
   * The record at this address, or null for a type of a later version.
   *
   * @param steps names of the steps by their cookies
   */
  static @Nullable ProfileEvent read(Pointer at, long size, List<String> steps) {
    long atNanos = at.getLong(0);
    int pid = at.getInt(12);
    int tid = at.getInt(16);
    int extra = at.getInt(20);
    long first = at.getLong(24);
    long second = at.getLong(32);
    return switch (at.getInt(8)) {
      case 1 ->
          size < EXEC_SIZE
              ? null
              : new ProfileEvent.Exec(
                  atNanos, pid, tid, at.getString(SIZE, StandardCharsets.UTF_8.name()));
      case 2 -> new ProfileEvent.Exit(atNanos, pid, tid, extra);
      case 3 -> new ProfileEvent.Listen(atNanos, pid, tid, address(at, extra));
      case 4 ->
          size < STEP_SIZE || first < 0 || first >= steps.size()
              ? null
              : new ProfileEvent.Step(
                  atNanos, pid, tid, steps.get((int) first), second, at.getLong(SIZE));
      case 5 ->
          size < SAMPLE_SIZE
              ? null
              : new ProfileEvent.Sample(
                  atNanos,
                  pid,
                  tid,
                  extra == 1,
                  frames(at, SIZE, first, USER_FRAMES),
                  frames(at, SIZE + 8L * USER_FRAMES, second, KERNEL_FRAMES));
      case 6 ->
          size < OFF_CPU_SIZE
              ? null
              : new ProfileEvent.OffCpu(
                  atNanos, pid, tid, first, second, frames(at, SIZE, extra, KERNEL_FRAMES));
      default -> null;
    };
  }

  /** IPv4-mapped addresses come out as IPv4. */
  private static InetSocketAddress address(Pointer at, int familyAndPort) {
    int length = familyAndPort >>> 16 == AF_INET6 ? 16 : 4;
    return new InetSocketAddress(
        Listeners.inet(at.getByteArray(24, length)), familyAndPort & 0xffff);
  }

  private static long[] frames(Pointer at, long from, long bytes, int most) {
    return at.getLongArray(from, (int) Math.min(most, bytes / Long.BYTES));
  }
}
