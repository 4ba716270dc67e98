package dev.thaw.node;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.BpfException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Which number each balanced address has in the kernel. An address that a predecessor defined keeps
 * its number, and so the table that is in force there.
 */
final class ServiceIds {
  private final Map<Integer, InetSocketAddress> taken;

  /** {@code inherited}: what a predecessor has left. */
  ServiceIds(Map<Integer, InetSocketAddress> inherited) {
    this.taken = new HashMap<>(inherited);
  }

  /**
   * The address's own, or the lowest that is free, which it has from now on.
   *
   * @throws BpfException when none is free
   */
  int of(InetSocketAddress address) {
    int id =
        taken.entrySet().stream()
            .filter(known -> known.getValue().equals(address))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseGet(this::lowestFree);
    taken.put(id, address);
    return id;
  }

  private int lowestFree() {
    for (int id = 0; id < Balancer.MAX_SERVICES; id++) {
      if (!taken.containsKey(id)) {
        return id;
      }
    }
    throw new BpfException(
        "this node balances " + Balancer.MAX_SERVICES + " services already, its limit");
  }

  void free(int id) {
    taken.remove(id);
  }
}
