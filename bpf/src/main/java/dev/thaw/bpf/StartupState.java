package dev.thaw.bpf;

import dev.thaw.bpf.os.Listeners;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The pinned map {@code startup_state} and its header, as {@code startup_state.h} lays them out and
 * docs/reference/startup-state.md describes them. Any thread.
 */
final class StartupState implements AutoCloseable {
  static final int ABI = 2;
  static final int KEY_SIZE = 16;
  static final int ROW_SIZE = 128;
  static final int HEADER_SIZE = 32;
  private static final int CAPACITY = 4096;
  private static final int PID = (int) ProcessHandle.current().pid();
  private static final int EXITED = 1;
  private static final int AF_INET6 = 10;
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
            .putLong(16, monotonicNanos)
            .putInt(24, monotonicNanos == 0 ? 0 : PID));
  }

  /** What a process runs now; empty when it has no row. */
  Optional<ImageId> image(int pid, long startBootNanos) {
    ByteBuffer key = BpfMap.buffer(KEY_SIZE).putLong(0, startBootNanos).putInt(8, pid);
    return rows.get(key)
        .map(row -> new Row(pid, startBootNanos, row))
        .filter(row -> !row.ended()) // its pid may be another's by now
        .map(Row::image);
  }

  /**
   * What the rows of a control group's processes say, as the events that wrote them, oldest first.
   * Of several listeners of a process only the last is known, without its socket, and with the time
   * of the first: the row has no other. Of its end the time alone.
   *
   * @param ended of those that have ended, else of those that live
   */
  List<KernelEvent> events(long cgroupId, long cgroupV1Id, boolean ended) {
    var events = new ArrayList<KernelEvent>();
    for (Row row : rows(ended)) {
      if (row.isOf(cgroupId, cgroupV1Id)) {
        row.addTo(events);
      }
    }
    events.sort(Comparator.comparingLong(KernelEvent::atNanos));
    return events;
  }

  /** Living processes, and what they run. */
  Map<Integer, ImageId> running() {
    return rows(false).stream()
        .collect(Collectors.toMap(Row::pid, Row::image, (one, other) -> other));
  }

  private List<Row> rows(boolean ended) {
    var found = new ArrayList<Row>();
    for (ByteBuffer key : rows.keys()) {
      rows.get(key)
          .map(row -> new Row(key.getInt(8), key.getLong(0), row))
          .filter(row -> row.ended() == ended)
          .ifPresent(found::add);
    }
    return found;
  }

  /** One process. */
  private record Row(int pid, long startBootNanos, ByteBuffer bytes) {
    ImageId image() {
      return new ImageId(bytes.getLong(16), Integer.toUnsignedLong(bytes.getInt(24)));
    }

    boolean ended() {
      return (bytes.getInt(28) & EXITED) != 0;
    }

    boolean isOf(long cgroupId, long cgroupV1Id) {
      return cgroupId != 0 && bytes.getLong(0) == cgroupId
          || cgroupV1Id != 0 && bytes.getLong(8) == cgroupV1Id;
    }

    void addTo(List<KernelEvent> events) {
      long v2 = bytes.getLong(0);
      long v1 = bytes.getLong(8);
      if (bytes.getLong(64) != 0) {
        events.add(
            new KernelEvent.Exec(
                bytes.getLong(64), pid, 0, v2, v1, startBootNanos, image(), path()));
      }
      for (MarkKind kind : MarkKind.values()) {
        long at = bytes.getLong(72 + Long.BYTES * kind.ordinal());
        if (at != 0) {
          events.add(new KernelEvent.Mark(at, pid, v2, v1, kind));
        }
      }
      boolean open = bytes.getInt(36) != 0;
      long listen = bytes.getLong(104);
      if (open || ended() && listen != 0) {
        events.add(
            new KernelEvent.Listen(
                listen, pid, v2, v1, address(), KernelEvent.Listen.UNKNOWN_SOCKET));
      }
      if (ended()) {
        if (!open && listen != 0) {
          events.add(
              new KernelEvent.ListenClosed(
                  bytes.getLong(112), pid, v2, v1, address(), KernelEvent.Listen.UNKNOWN_SOCKET));
        }
        events.add(
            new KernelEvent.Exit(bytes.getLong(120), pid, v2, v1, KernelEvent.Exit.UNKNOWN_STATUS));
      }
    }

    private InetSocketAddress address() {
      var address = new byte[bytes.getShort(40) == AF_INET6 ? 16 : 4];
      bytes.get(48, address);
      return new InetSocketAddress(
          Listeners.inet(address), Short.toUnsignedInt(bytes.getShort(42)));
    }

    /** The kernel keeps no path in the row; a living process still runs the image. */
    private String path() {
      if (ended()) {
        return "";
      }
      try {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe")).toString();
      } catch (IOException e) {
        return ""; // it has just ended
      }
    }
  }

  @Override
  public void close() {
    header.close();
    rows.close();
  }
}
