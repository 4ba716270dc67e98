package dev.thaw.node;

import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Signal;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In what a look at a process's listeners differs from what has been told of them, as signals:
 * stands in for the kernel's own word, and fills in what happened while nobody was there to hear
 * it. Pure.
 */
final class ListenerChanges {
  private ListenerChanges() {}

  /**
   * Listeners that have come or gone.
   *
   * @param told the open ones, each with the time of its opening: of one that has opened since the
   *     look began, the look knows nothing
   * @param atNanos CLOCK_MONOTONIC at which the look began
   */
  static List<Signal> between(
      Map<InetSocketAddress, Long> told,
      LocalProcess process,
      Set<InetSocketAddress> now,
      long atNanos) {
    var signals = new ArrayList<Signal>();
    now.stream()
        .filter(address -> !told.containsKey(address))
        .forEach(address -> signals.add(signal(process, address, Signal.Kind.LISTEN, atNanos)));
    told.forEach(
        (address, opened) -> {
          if (!now.contains(address) && opened < atNanos) {
            signals.add(signal(process, address, Signal.Kind.LISTEN_CLOSED, atNanos));
          }
        });
    return signals;
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
