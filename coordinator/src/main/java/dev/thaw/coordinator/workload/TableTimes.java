package dev.thaw.coordinator.workload;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How long the latest tables took from the journal into the kernel. For people; decides nothing.
 *
 * <p>Monotonic nanoseconds of the coordinator and of the node are compared, which says something
 * where both run on one machine.
 */
public final class TableTimes {
  /** A table that is older is of no interest any more. */
  static final int KEPT = 64;

  private final Map<Long, Time> times = new LinkedHashMap<>();

  /**
   * One table's way.
   *
   * @param persistedNanos when the decision was safely in the journal
   * @param heard what the node said of it last; empty before it has
   */
  public record Time(long version, long persistedNanos, Optional<Applied> heard) {

    /** How long the writer of the kernel's map waited for the kernel, nanoseconds. */
    public OptionalLong mapWait() {
      return heard
          .filter(said -> said.beganNanos() > 0)
          .map(said -> OptionalLong.of(said.atNanos() - said.beganNanos()))
          .orElseGet(OptionalLong::empty);
    }

    /** From the journal to the kernel's acknowledgement, nanoseconds. */
    public OptionalLong applied() {
      return heard
          .map(said -> OptionalLong.of(said.atNanos() - persistedNanos))
          .orElseGet(OptionalLong::empty);
    }

    /** From the journal to the first connect that went by it, nanoseconds. */
    public OptionalLong inForce() {
      return heard
          .filter(said -> said.firstPickNanos() > 0)
          .map(said -> OptionalLong.of(said.firstPickNanos() - persistedNanos))
          .orElseGet(OptionalLong::empty);
    }
  }

  /**
   * A node's acknowledgement of a table, on its monotonic clock.
   *
   * @param beganNanos when it turned to the kernel; 0: the kernel had the table already
   * @param firstPickNanos the first connect that went by it; 0: none yet
   */
  public record Applied(long version, long beganNanos, long atNanos, long firstPickNanos) {}

  /** A table is decided and in the journal. */
  public void persisted(long version, long nanos) {
    times.put(version, new Time(version, nanos, Optional.empty()));
    if (times.size() > KEPT) {
      times.remove(times.keySet().iterator().next());
    }
  }

  /**
   * A node has said this of a table; of one that was decided before this process lived nothing is
   * known.
   *
   * @return how long it took to be in force, when that is news
   */
  public OptionalLong applied(Applied said) {
    Time before = times.get(said.version());
    if (before == null) {
      return OptionalLong.empty();
    }
    var now = new Time(said.version(), before.persistedNanos(), Optional.of(said));
    times.put(said.version(), now);
    return before.inForce().isPresent() ? OptionalLong.empty() : now.inForce();
  }

  /** The oldest first. */
  public List<Time> latest() {
    return List.copyOf(times.values());
  }
}
