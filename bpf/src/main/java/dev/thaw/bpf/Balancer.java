package dev.thaw.bpf;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.Listeners;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Balances service addresses over backends in the kernel: a connect to a service's address goes to
 * one of its backends by weight, and the client sees the address it dialled. Everything is pinned:
 * with this process dead, weights stay as they are and backends that nobody listens on any more are
 * skipped.
 *
 * <p>One thread. Calls take microseconds, except {@link #apply}, which waits some milliseconds for
 * the kernel's grace period.
 */
public final class Balancer implements Balancing {
  /** Backends of one service at most. */
  public static final int MAX_BACKENDS = 256;

  /** Services of one balancer at most; ids are 0 to this less one. */
  public static final int MAX_SERVICES = 64;

  static final int TABLE_SIZE = 16 + 40 * MAX_BACKENDS;
  static final int COUNT_SIZE = 32;
  private static final int MAP_TYPE_ARRAY = 2;
  private static final int SETTING_TRACE_COOKIES = 1;
  private static final int SETTING_NETNS = 3;
  private static final Set<String> MAPS =
      Set.of("settings", "services", "tables", "listeners", "picks", "cookies", "originals");

  /** The first counts connects and failures too and needs Linux 5.11. */
  static final List<String> LISTENER_HOOKS = List.of("on_listener", "on_listener_plain");

  private final Pins pins;
  private final PinnedBalance pinned;
  private final BpfMap settings;
  private final BpfMap services;
  private final BpfMap tables;
  private final BpfMap picks;
  private final int cpus = LibBpf.libbpf_num_possible_cpus();

  /** What to do with connects when no agent has given a sign of life for 5 s. */
  public enum OnSilence {
    /** Go on with the last table: for an address that only we answer. */
    KEEP,
    /** Leave them alone: for an address that something else answers too. */
    PASS_THROUGH
  }

  /**
   * One backend of a table.
   *
   * @param slot names it in counters, 0 to 1023
   * @param weight positive, relative to the others
   */
  public record Backend(int slot, InetSocketAddress address, int weight) {}

  /** A table as the kernel holds it. */
  public record AppliedTable(long epoch, List<Backend> backends) {}

  /**
   * What has happened under one epoch on behalf of one slot.
   *
   * @param firstPickNanos CLOCK_MONOTONIC of the first pick; 0 before it
   */
  public record PickCount(
      int slot, long epoch, long picks, long connects, long failures, long firstPickNanos) {}

  private Balancer(Pins pins) {
    this.pins = pins;
    this.settings = BpfMap.pinned(pins, "settings", 4, 8);
    this.services = BpfMap.pinned(pins, "services", Endpoints.SIZE, 8);
    this.tables = BpfMap.pinned(pins, "tables", 4, 4);
    this.picks = BpfMap.pinned(pins, "picks", 16, COUNT_SIZE * cpus);
    this.pinned = new PinnedBalance(settings, services, tables);
  }

  /**
   * Attaches to a cgroup2 folder and everything below, or takes over what is pinned here already.
   *
   * @throws BpfException when the kernel refuses, someone else's program is in the way (named), or
   *     the pins are of another version
   */
  public static Balancer open(Pins pins, Path cgroup) {
    return open(pins, cgroup, LISTENER_HOOKS);
  }

  /** {@code listenerHooks}: the ones to try, best first. */
  static Balancer open(Pins pins, Path cgroup, List<String> listenerHooks) {
    pins.create();
    if (isPinned(pins)) {
      PinnedBalance.checkVersion(pins);
      return new Balancer(pins);
    }
    Attachments.refuseForeign(cgroup);
    try (var object = load(pins, listenerHooks)) {
      var balancer = new Balancer(pins);
      balancer.set(PinnedBalance.SETTING_ABI, PinnedBalance.ABI);
      balancer.set(SETTING_NETNS, networkNamespace());
      balancer.beat();
      LISTENER_HOOKS.stream()
          .filter(object::hasLoaded)
          .forEach(hook -> object.attachPinned(hook, pins));
      balancer.seedListeners();
      for (String hook : Attachments.HOOKS) {
        object.attachPinned(hook, cgroup, pins);
      }
      return balancer;
    }
  }

  /**
   * Refuses what {@link #open} would refuse for the sake of others, without loading anything.
   *
   * @throws BpfException naming who is in the way
   */
  public static void check(Pins pins, Path cgroup) {
    if (isPinned(pins)) {
      PinnedBalance.checkVersion(pins);
    } else {
      Attachments.refuseForeign(cgroup);
    }
  }

  static boolean isPinned(Pins pins) {
    return LISTENER_HOOKS.stream().anyMatch(hook -> BpfObject.isPinned(pins, hook));
  }

  private static BpfObject load(Pins pins, List<String> listenerHooks) {
    for (int i = 0; ; i++) {
      try {
        return load(pins, listenerHooks.get(i));
      } catch (BpfException e) {
        if (i == listenerHooks.size() - 1) {
          throw e;
        }
        pins.removeAll();
        pins.create();
      }
    }
  }

  private static BpfObject load(Pins pins, String listenerHook) {
    var object = BpfObject.open("balance.bpf.o").pinning(pins, MAPS);
    LISTENER_HOOKS.stream().filter(hook -> !hook.equals(listenerHook)).forEach(object::without);
    return object.load();
  }

  private static long networkNamespace() {
    try {
      String link = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
      return Long.parseLong(link.replaceAll("\\D", ""));
    } catch (IOException e) {
      throw new BpfException(
          "this process's network namespace cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The hook only sees who begins to listen from now on; those that listened before are counted
   * here.
   */
  private void seedListeners() {
    try (var listeners = BpfMap.pinned(pins, "listeners", Endpoints.SIZE, 8)) {
      Map<InetSocketAddress, Integer> now = Listeners.all();
      now.forEach(
          (address, count) ->
              listeners.putIfAbsent(Endpoints.bytes(address), BpfMap.buffer(8).putLong(0, count)));
    }
  }

  @Override
  public void define(int id, InetSocketAddress address, OnSilence onSilence) {
    services.put(Endpoints.bytes(address), service(id, onSilence));
  }

  /** {@code struct service}. */
  static ByteBuffer service(int id, OnSilence onSilence) {
    return BpfMap.buffer(8).putInt(0, id).putInt(4, onSilence == OnSilence.PASS_THROUGH ? 1 : 0);
  }

  @Override
  public void remove(InetSocketAddress address) {
    services.remove(Endpoints.bytes(address));
  }

  @Override
  public Map<Integer, InetSocketAddress> services() {
    return pinned.services();
  }

  @Override
  public void apply(int id, long epoch, List<Backend> backends) {
    if (backends.size() > MAX_BACKENDS) {
      throw new IllegalArgumentException(
          backends.size() + " backends (accepted: at most " + MAX_BACKENDS + ")");
    }
    int inner = LibBpf.bpf_map_create(MAP_TYPE_ARRAY, "table", 4, TABLE_SIZE, 1, null);
    try (var map = new BpfMap("table", inner, 4, TABLE_SIZE)) {
      map.put(BpfMap.key(0), table(epoch, backends));
      LibBpf.bpf_map_freeze(inner);
      tables.put(BpfMap.key(id), BpfMap.key(inner));
    }
  }

  /** {@code struct table}. */
  static ByteBuffer table(long epoch, List<Backend> backends) {
    var bytes = BpfMap.buffer(TABLE_SIZE).putLong(0, epoch).putInt(8, backends.size());
    if (backends.isEmpty()) {
      return bytes;
    }
    var alias = new AliasTable(backends.stream().mapToInt(Backend::weight).toArray());
    for (int i = 0; i < backends.size(); i++) {
      Backend backend = backends.get(i);
      int at = 16 + 40 * i;
      Endpoints.write(bytes, at, backend.address());
      bytes
          .putInt(at + 24, backend.slot())
          .putInt(at + 28, alias.threshold(i))
          .putInt(at + 32, alias.alias(i))
          .putInt(at + 36, backend.weight());
    }
    return bytes;
  }

  @Override
  public Optional<AppliedTable> table(int id) {
    return pinned.table(id);
  }

  @Override
  public List<PickCount> picks(int id) {
    var counts = new ArrayList<PickCount>();
    for (ByteBuffer key : picks.keys()) {
      if (key.getInt(0) == id) {
        picks.get(key).ifPresent(values -> counts.add(sum(key, values, cpus)));
      }
    }
    return counts;
  }

  /** {@code struct pick_key}, and a {@code struct pick_count} per CPU. */
  static PickCount sum(ByteBuffer key, ByteBuffer values, int cpus) {
    long picked = 0;
    long connected = 0;
    long failed = 0;
    long firstPick = 0;
    for (int cpu = 0; cpu < cpus; cpu++) {
      int at = COUNT_SIZE * cpu;
      picked += values.getLong(at);
      connected += values.getLong(at + 8);
      failed += values.getLong(at + 16);
      firstPick = earlier(firstPick, values.getLong(at + 24));
    }
    return new PickCount(key.getInt(4), key.getLong(8), picked, connected, failed, firstPick);
  }

  /** The earlier of two moments, where 0 is none. */
  private static long earlier(long one, long other) {
    return one == 0 || other == 0 ? one + other : Math.min(one, other);
  }

  /**
   * Whether the pinned map {@code cookies} tells which backend a socket went to; costs a hash write
   * per connect.
   */
  public void traceCookies(boolean on) {
    set(SETTING_TRACE_COOKIES, on ? 1 : 0);
  }

  @Override
  public void beat() {
    set(PinnedBalance.SETTING_HEARTBEAT, Clocks.monotonicNanos());
  }

  private void set(int setting, long value) {
    settings.put(BpfMap.key(setting), BpfMap.buffer(8).putLong(0, value));
  }

  @Override
  public void unpin() {
    close();
    pins.removeAll();
  }

  @Override
  public void close() {
    pinned.close();
    picks.close();
  }

  /** {@code struct endpoint}: IPv4 as mapped IPv6, the port in network order. */
  static final class Endpoints {
    static final int SIZE = 24;

    private Endpoints() {}

    static ByteBuffer bytes(InetSocketAddress address) {
      ByteBuffer bytes = BpfMap.buffer(SIZE);
      write(bytes, 0, address);
      return bytes;
    }

    static void write(ByteBuffer bytes, int at, InetSocketAddress address) {
      byte[] raw = address.getAddress().getAddress();
      if (raw.length == 4) {
        bytes.put(at + 10, (byte) 0xff).put(at + 11, (byte) 0xff);
      }
      bytes.put(at + 16 - raw.length, raw);
      bytes.put(at + 16, (byte) (address.getPort() >> 8)).put(at + 17, (byte) address.getPort());
    }

    static InetSocketAddress address(ByteBuffer bytes, int at) {
      var raw = new byte[16];
      bytes.get(at, raw);
      int port =
          Byte.toUnsignedInt(bytes.get(at + 16)) << 8 | Byte.toUnsignedInt(bytes.get(at + 17));
      return new InetSocketAddress(Listeners.inet(raw), port);
    }
  }
}
