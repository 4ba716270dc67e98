package dev.thaw.bpf;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The pinned map {@code startup_state} and its header, as {@code startup_state.h} lays them out and
 * docs/reference/startup-state.md describes them. Any thread.
 */
final class StartupState implements AutoCloseable {
  static final int ABI = 2;
  private static final int KEY_SIZE = 16;
  private static final int ROW_SIZE = 128;
  private static final int HEADER_SIZE = 24;
  private static final int CAPACITY = 4096;
  private static final String HEADER = "startup_header";

  private final BpfMap header;
  private final BpfMap rows;

  private StartupState(Pins pins) {
    this.header = BpfMap.pinned(pins, HEADER, 4, HEADER_SIZE);
    this.rows = BpfMap.pinned(pins, "startup_state", KEY_SIZE, ROW_SIZE);
  }

  /** Of maps that were just pinned, or were there. */
  static StartupState open(Pins pins) {
    var state = new StartupState(pins);
    state.alive(0);
    return state;
  }

  /**
   * Before anything is loaded over pins of another version.
   *
   * @throws BpfException naming both versions
   */
  static void checkVersion(Pins pins) {
    int found = 1; // the first had another header
    if (pins.names().contains(HEADER)) {
      try (var header = BpfMap.pinned(pins, HEADER, 4, HEADER_SIZE)) {
        found = header.get(BpfMap.key(0)).orElseThrow().getInt(0);
      }
    }
    if (found != ABI) {
      throw new BpfException(
          "the pins at %s are of version %d, this is version %d; remove them with --cleanup"
              .formatted(pins.folder(), found, ABI));
    }
  }

  /** Tells all who read the header that an agent lives; 0 says that none does. */
  void alive(long monotonicNanos) {
    header.put(
        BpfMap.key(0),
        BpfMap.buffer(HEADER_SIZE)
            .putInt(0, ABI)
            .putInt(4, KEY_SIZE)
            .putInt(8, ROW_SIZE)
            .putInt(12, CAPACITY)
            .putLong(16, monotonicNanos));
  }

  /** What a process runs now; empty when it has no row. */
  Optional<ImageId> image(int pid, long startBootNanos) {
    ByteBuffer key = BpfMap.buffer(KEY_SIZE).putLong(0, startBootNanos).putInt(8, pid);
    return rows.get(key)
        .map(row -> new ImageId(row.getLong(16), Integer.toUnsignedLong(row.getInt(24))));
  }

  @Override
  public void close() {
    header.close();
    rows.close();
  }
}
