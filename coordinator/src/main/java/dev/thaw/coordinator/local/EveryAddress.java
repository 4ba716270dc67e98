package dev.thaw.coordinator.local;

import dev.thaw.protocol.v1.Signal;
import java.util.Collection;
import java.util.Optional;

/**
 * A program that listens on every address of its port takes it from the other replicas, which want
 * the same port on an address of their own. Pure.
 */
final class EveryAddress {
  private EveryAddress() {}

  /** Whether this listener takes the pod's port on every address. */
  static boolean taken(Signal said) {
    String host = said.getAddress().getHost();
    return said.getKind() == Signal.Kind.LISTEN
        && said.getTarget()
        && (host.equals("0.0.0.0") || host.equals("::") || host.equals("0:0:0:0:0:0:0:0"));
  }

  /** What people are told when one replica stands in the others' way. */
  static Optional<String> trouble(Collection<Replica> all, int port) {
    return all.stream()
        .filter(each -> each.onEveryAddress)
        .filter(each -> sharesItsPort(each, all))
        .findFirst()
        .map(
            each ->
                "%s listens on port %d of every address, so no other replica can: let the command listen on {addr}, or run one replica"
                    .formatted(each.name, port));
  }

  private static boolean sharesItsPort(Replica one, Collection<Replica> all) {
    return all.stream()
        .anyMatch(each -> each != one && each.endpoint.port() == one.endpoint.port());
  }
}
