package dev.thaw.coordinator.workload;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.coordinator.gate.Answer;
import dev.thaw.coordinator.gate.Counters;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a workload's writer is told. */
public sealed interface Input {

  /**
   * Become the writer: the first input after recovery, before which nothing is decided.
   *
   * @param highestTermSeen the highest term any plane has said it holds; 0 when none has
   */
  record Open(long highestTermSeen) implements Input {}

  /** The complete list of the workload's pods, as its source has it now. */
  record Digest(List<Known> members) implements Input {
    public Digest {
      members = List.copyOf(members);
    }
  }

  /** One pod of a digest. */
  record Known(PodUid pod, PodName name, Endpoint endpoint) {}

  /** The source says that a pod is gone for good. */
  record Deleted(PodUid pod, String reason) implements Input {}

  /** A fact about one start of one pod. */
  record PodMoved(PodUid pod, StartId start, Fact fact) implements Input {}

  /**
   * One scrape of a start.
   *
   * @param atNanos the node's monotonic clock when it was asked
   * @param counters empty when it failed or cannot be used
   * @param trouble why it is empty
   */
  record Sampled(
      PodUid pod, StartId start, long atNanos, Optional<Counters> counters, String trouble)
      implements Input {}

  /**
   * The pressure on a start's control group, as running totals.
   *
   * @param atNanos the node's monotonic clock when they were read
   * @param intervalNanos between two of these
   * @param totals microseconds of stalls, or a count; without those that the kernel does not tell
   */
  record Strained(
      PodUid pod, StartId start, long atNanos, long intervalNanos, Map<Pressure, Long> totals)
      implements Input {
    public Strained {
      totals = Map.copyOf(totals);
    }
  }

  /** Connections per slot since the kernel took the table of this version. */
  record PicksCounted(long version, List<Picks> slots) implements Input {
    public PicksCounted {
      slots = List.copyOf(slots);
    }
  }

  /** One slot's totals. */
  record Picks(int slot, long picks, long failures) {}

  /** A plane holds this table now. */
  record TableApplied(String subscriber, long term, long version) implements Input {}

  /** A plane holds a later table than the one it was sent: another writer has taken over. */
  record TableRefused(String subscriber, long haveTerm, long haveVersion) implements Input {}

  /** These planes are connected now. */
  record SubscribersChanged(Set<String> connected) implements Input {
    public SubscribersChanged {
      connected = Set.copyOf(connected);
    }
  }

  /** The answer to an {@link Effect.Query}. */
  record QueryAnswered(Effect.Query query, Answer answer) implements Input {}

  /**
   * An operator's word.
   *
   * @param pods whom it concerns; empty: the whole workload
   * @param full promote to the last rung at once
   * @param force even if the pod is not confirmed
   */
  record Command(Verb verb, List<PodUid> pods, boolean full, boolean force) implements Input {
    public Command {
      pods = List.copyOf(pods);
    }
  }

  /** The time that {@link WorkloadCore#wakeAt} named has come, or any other. */
  record Woke() implements Input {}
}
