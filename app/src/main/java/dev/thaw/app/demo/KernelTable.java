package dev.thaw.app.demo;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.PinnedBalance;
import dev.thaw.bpf.Pins;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The table the kernel goes by, read from its pin and so without Thaw.
 *
 * @param epoch the table's number; a new one is a new table
 * @param weights by slot
 */
record KernelTable(long epoch, Map<Integer, Integer> weights) {
  private static final Path FOLDER = Path.of("/sys/fs/bpf/thaw", Policies.NAME, "balance");

  KernelTable {
    weights = Map.copyOf(weights);
  }

  /** Reads the pinned table of the demo's service; it must be pinned. */
  static KernelTable read() {
    try (PinnedBalance balance = PinnedBalance.open(new Pins(FOLDER)).orElseThrow()) {
      int id = balance.services().keySet().iterator().next();
      Balancer.AppliedTable table = balance.table(id).orElseThrow();
      var weights = new TreeMap<Integer, Integer>();
      table.backends().forEach(each -> weights.put(each.slot(), each.weight()));
      return new KernelTable(table.epoch(), weights);
    }
  }

  /** How many entries differ from one table to the next, over all of them in order. */
  static int changes(List<KernelTable> tables) {
    int changes = 0;
    for (int i = 1; i < tables.size(); i++) {
      Map<Integer, Integer> before = tables.get(i - 1).weights();
      Map<Integer, Integer> after = tables.get(i).weights();
      var slots = new TreeSet<>(before.keySet());
      slots.addAll(after.keySet());
      for (Integer slot : slots) {
        changes += Objects.equals(before.get(slot), after.get(slot)) ? 0 : 1;
      }
    }
    return changes;
  }
}
