package dev.thaw.coordinator.workload;

import dev.thaw.coordinator.workload.Input.PicksCounted;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Workload;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How much of a fair share a pod was really given of late: its new connections between two counts
 * against the mean of those at full weight, in per cent. For people; decides nothing.
 *
 * @param version the table the counts belong to
 * @param totals picks by slot as counted last
 * @param latest picks by slot between the last two counts
 */
public record ObservedShare(long version, Map<Integer, Long> totals, Map<Integer, Long> latest) {

  /** Nothing has been counted yet. */
  public static final ObservedShare NONE = new ObservedShare(0, Map.of(), Map.of());

  public ObservedShare {
    totals = Map.copyOf(totals);
    latest = Map.copyOf(latest);
  }

  /** After one more count; a new table begins at zero. */
  public ObservedShare counted(PicksCounted count) {
    var now = new HashMap<Integer, Long>();
    var grown = new HashMap<Integer, Long>();
    count
        .slots()
        .forEach(
            slot -> {
              long before = count.version() == version ? totals.getOrDefault(slot.slot(), 0L) : 0;
              now.put(slot.slot(), slot.picks());
              grown.put(slot.slot(), Math.max(0, slot.picks() - before));
            });
    return new ObservedShare(count.version(), now, grown);
  }

  /** The share of one member; empty while nobody at full weight was given anything. */
  public OptionalDouble percent(Workload state, Member member) {
    OptionalDouble fair =
        state.warm().stream()
            .filter(warm -> latest.containsKey(warm.slot()))
            .mapToLong(warm -> latest.get(warm.slot()))
            .average();
    if (fair.isEmpty() || fair.getAsDouble() == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(100.0 * latest.getOrDefault(member.slot(), 0L) / fair.getAsDouble());
  }
}
