package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.PodMap;
import dev.thaw.persistence.Workload;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * The facts a writer goes by, in memory only: whatever is here is asked again after a restart.
 *
 * @param asOf monotonic nanoseconds of the last input
 * @param planes what each connected plane is known to hold
 * @param shadow in observe mode: the ladder that is climbed on paper
 */
public record Live(
    Standing standing,
    long asOf,
    PodMap<PodLive> pods,
    Map<String, Holding> planes,
    Optional<Shadow> shadow) {

  /** Whether this writer may write. */
  public enum Standing {
    /** Recovered; has not taken over yet. */
    CLOSED,
    OPEN,
    /** A plane has seen a later writer: this one says nothing any more and should stop. */
    FENCED
  }

  /** What a plane has acknowledged; (0, 0) for nothing. */
  public record Holding(long term, long version) {
    static final Holding NOTHING = new Holding(0, 0);

    boolean before(long otherTerm, long otherVersion) {
      return term < otherTerm || term == otherTerm && version < otherVersion;
    }
  }

  /** A workload that exists on paper only. */
  public record Shadow(Workload workload, Live live) {}

  public Live {
    planes = Map.copyOf(planes);
  }

  /** What a writer knows that has just recovered: nothing. */
  public static Live closed(Moment now) {
    return new Live(Standing.CLOSED, now.nanos(), PodMap.empty(), Map.of(), Optional.empty());
  }

  public PodLive pod(PodUid pod) {
    PodLive known = pods.get(pod);
    return known == null ? PodLive.UNKNOWN : known;
  }

  /** Whether every connected plane, and at least one, holds this workload's table. */
  public boolean acknowledged(Workload workload) {
    return !planes.isEmpty()
        && planes.values().stream()
            .allMatch(holding -> !holding.before(workload.term(), workload.version()));
  }

  Live with(PodUid pod, UnaryOperator<PodLive> change) {
    return new Live(standing, asOf, pods.with(pod, change.apply(pod(pod))), planes, shadow);
  }

  /** Every pod's facts changed in one go. */
  Live withEach(BiFunction<PodUid, PodLive, PodLive> change) {
    return new Live(standing, asOf, pods.each(change), planes, shadow);
  }

  Live without(PodUid pod) {
    return new Live(standing, asOf, pods.without(pod), planes, shadow);
  }

  Live standing(Standing now) {
    return new Live(now, asOf, pods, planes, shadow);
  }

  Live asOf(long nanos) {
    return new Live(standing, nanos, pods, planes, shadow);
  }

  Live shadowed(Shadow now) {
    return new Live(standing, asOf, pods, planes, Optional.of(now));
  }

  Live connected(Set<String> names) {
    var now = new HashMap<String, Holding>();
    names.forEach(name -> now.put(name, planes.getOrDefault(name, Holding.NOTHING)));
    return new Live(standing, asOf, pods, now, shadow);
  }

  Live applied(String plane, long term, long version) {
    Holding holding = planes.get(plane);
    if (holding == null || !holding.before(term, version)) {
      return this;
    }
    var now = new HashMap<>(planes);
    now.put(plane, new Holding(term, version));
    return new Live(standing, asOf, pods, now, shadow);
  }
}
