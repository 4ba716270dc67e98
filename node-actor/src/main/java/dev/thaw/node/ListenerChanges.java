package dev.thaw.node;

import dev.thaw.bpf.os.Listeners;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has changed between two looks at a process's listeners, as signals: stands in for the
 * kernel's own word, and fills in what happened while nobody was there to hear it. One thread, but
 * for {@link #look}.
 */
final class ListenerChanges {
  private final Map<StartRef, Set<InetSocketAddress>> known = new HashMap<>();

  /** Where the process and those in its group listen now. Any thread; blocking. */
  static Set<InetSocketAddress> look(LocalProcess process) {
    var found = new HashSet<InetSocketAddress>();
    process
        .pids()
        .forEach(pid -> Listeners.of(pid).forEach(listening -> found.add(listening.address())));
    return found;
  }

  /**
   * Listeners that have come or gone since the last look.
   *
   * @param atNanos CLOCK_MONOTONIC of this look
   */
  List<Signal> since(LocalProcess process, Set<InetSocketAddress> now, long atNanos) {
    Set<InetSocketAddress> before =
        known.containsKey(process.start()) ? known.get(process.start()) : Set.of();
    known.put(process.start(), now);
    var signals = new ArrayList<Signal>();
    now.stream()
        .filter(address -> !before.contains(address))
        .forEach(address -> signals.add(signal(process, address, Signal.Kind.LISTEN, atNanos)));
    before.stream()
        .filter(address -> !now.contains(address))
        .forEach(
            address -> signals.add(signal(process, address, Signal.Kind.LISTEN_CLOSED, atNanos)));
    return signals;
  }

  /** What others have told of this process's listeners: the next look goes from there. */
  void assume(StartRef start, Set<InetSocketAddress> open) {
    known.put(start, open);
  }

  /** The process is dead. */
  void forget(StartRef start) {
    known.remove(start);
  }

  private static Signal signal(
      LocalProcess process, InetSocketAddress address, Signal.Kind kind, long atNanos) {
    return Signal.newBuilder()
        .setStart(process.start())
        .setKind(kind)
        .setAtNanos(atNanos)
        .setAddress(
            Address.newBuilder()
                .setHost(address.getAddress().getHostAddress())
                .setPort(address.getPort()))
        .setTarget(ProcessIndex.isTarget(process.pod().getAddress(), address))
        .setObservedByProc(true)
        .build();
  }
}
