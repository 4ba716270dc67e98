package dev.thaw.bpf;

import dev.thaw.bpf.Balancer.AppliedTable;
import dev.thaw.bpf.Balancer.Backend;
import dev.thaw.bpf.Balancer.Endpoints;
import dev.thaw.bpf.os.Clocks;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a {@link Balancer} has pinned, to be read and never changed: beside its agent, or when there
 * is none. One thread; a reading takes microseconds.
 */
public final class PinnedBalance implements AutoCloseable {
  static final int ABI = 2;
  static final int SETTING_ABI = 0;
  static final int SETTING_HEARTBEAT = 2;
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private final BpfMap settings;
  private final BpfMap services;
  private final BpfMap tables;

  /** Takes the maps over: they are closed with this. */
  PinnedBalance(BpfMap settings, BpfMap services, BpfMap tables) {
    this.settings = settings;
    this.services = services;
    this.tables = tables;
  }

  /**
   * Opens the pinned maps read-only; empty where nothing is pinned.
   *
   * @throws BpfException when the pins are of another version, or cannot be read
   */
  public static Optional<PinnedBalance> open(Pins pins) {
    if (!Balancer.isPinned(pins)) {
      return Optional.empty();
    }
    checkVersion(pins);
    return Optional.of(
        new PinnedBalance(
            settings(pins),
            BpfMap.pinnedReadOnly(pins, "services", Endpoints.SIZE, 8),
            BpfMap.pinnedReadOnly(pins, "tables", 4, 4)));
  }

  private static BpfMap settings(Pins pins) {
    return BpfMap.pinnedReadOnly(pins, "settings", 4, 8);
  }

  /** Refuses pins of another version. */
  static void checkVersion(Pins pins) {
    try (var settings = settings(pins)) {
      long found = settings.get(BpfMap.key(SETTING_ABI)).orElseThrow().getLong(0);
      if (found != ABI) {
        throw new BpfException(
            "the pins at %s are of version %d, this is version %d; remove them with --cleanup"
                .formatted(pins.folder(), found, ABI));
      }
    }
  }

  /** Which address has which id. */
  public Map<Integer, InetSocketAddress> services() {
    var all = new TreeMap<Integer, InetSocketAddress>();
    for (ByteBuffer key : services.keys()) {
      services.get(key).ifPresent(value -> all.put(value.getInt(0), Endpoints.address(key, 0)));
    }
    return all;
  }

  /** The table in force; empty when this service never had one. */
  public Optional<AppliedTable> table(int id) {
    return tables.get(BpfMap.key(id)).map(value -> readTable(value.getInt(0)));
  }

  /** Whether the agent has given a sign of life within 5 s. */
  public boolean isAlive() {
    long beaten = settings.get(BpfMap.key(SETTING_HEARTBEAT)).map(at -> at.getLong(0)).orElse(0L);
    return Clocks.monotonicNanos() - beaten < SILENCE.toNanos();
  }

  /** The map of a table is frozen: its descriptor changes nothing. */
  private static AppliedTable readTable(int mapId) {
    try (var map =
        new BpfMap("table", LibBpf.bpf_map_get_fd_by_id(mapId), 4, Balancer.TABLE_SIZE)) {
      return table(map.get(BpfMap.key(0)).orElseThrow());
    }
  }

  static AppliedTable table(ByteBuffer bytes) {
    var backends = new ArrayList<Backend>();
    for (int i = 0; i < bytes.getInt(8); i++) {
      int at = 16 + 40 * i;
      backends.add(
          new Backend(bytes.getInt(at + 24), Endpoints.address(bytes, at), bytes.getInt(at + 36)));
    }
    return new AppliedTable(bytes.getLong(0), backends);
  }

  @Override
  public void close() {
    settings.close();
    services.close();
    tables.close();
  }
}
