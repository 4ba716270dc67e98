package dev.thaw.bpf.os;

import com.sun.jna.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** The machine's clocks. Any thread. */
public final class Clocks {
  private static final int CLOCK_MONOTONIC = 1;

  private Clocks() {}

  /** CLOCK_MONOTONIC in nanoseconds: the time base of every kernel event. */
  public static long monotonicNanos() {
    try (var timespec = new Memory(16)) {
      LibC.clock_gettime(CLOCK_MONOTONIC, timespec);
      return timespec.getLong(0) * 1_000_000_000L + timespec.getLong(8);
    }
  }

  /** What to add to {@link #monotonicNanos} to get nanoseconds since 1970, as of now. */
  public static long wallOffsetNanos() {
    Instant wall = Instant.now();
    return wall.getEpochSecond() * 1_000_000_000L + wall.getNano() - monotonicNanos();
  }

  /**
   * Names this boot of the machine; monotonic times of two boots have nothing to do with each
   * other.
   */
  public static String bootId() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
