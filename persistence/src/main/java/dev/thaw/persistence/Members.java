package dev.thaw.persistence;

import dev.thaw.config.PodUid;
import java.util.AbstractMap;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of a workload in the order in which they joined, and who climbs in which cohort.
 * Immutable. A member that changes is cheap however many there are; one that joins, leaves, begins
 * or ends a climb costs the copy of an index.
 */
public final class Members extends AbstractMap<PodUid, Member> {
  static final Members NONE = new Members(PodMap.empty(), Map.of());

  private final PodMap<Member> byPod;

  /** Never changed once shared; a cohort without climbers is absent. */
  private final Map<CohortId, Set<PodUid>> climbers;

  private Members(PodMap<Member> byPod, Map<CohortId, Set<PodUid>> climbers) {
    this.byPod = byPod;
    this.climbers = climbers;
  }

  /** A member that is new or has changed. */
  Members with(Member member) {
    return new Members(
        byPod.with(member.pod(), member),
        moved(member.pod(), cohort(byPod.get(member.pod())), cohort(member)));
  }

  Members without(PodUid pod) {
    return new Members(byPod.without(pod), moved(pod, cohort(byPod.get(pod)), Optional.empty()));
  }

  private Map<CohortId, Set<PodUid>> moved(
      PodUid pod, Optional<CohortId> from, Optional<CohortId> to) {
    if (from.equals(to)) {
      return climbers;
    }
    var moved = new HashMap<>(climbers);
    from.ifPresent(
        cohort ->
            moved.computeIfPresent(
                cohort,
                (id, pods) -> {
                  var left = new LinkedHashSet<>(pods);
                  left.remove(pod);
                  return left.isEmpty() ? null : left;
                }));
    to.ifPresent(
        cohort -> {
          var more = new LinkedHashSet<>(moved.getOrDefault(cohort, Set.of()));
          more.add(pod);
          moved.put(cohort, more);
        });
    return moved;
  }

  private static Optional<CohortId> cohort(@Nullable Member member) {
    return member != null && member.stage() instanceof Stage.Climbing climbing
        ? Optional.of(climbing.climb().cohort())
        : Optional.empty();
  }

  /** Who climbs in this cohort. */
  Collection<Member> climbing(CohortId cohort) {
    return climbers.getOrDefault(cohort, Set.of()).stream().map(this::known).toList();
  }

  private Member known(PodUid pod) {
    Member member = byPod.get(pod);
    if (member == null) {
      throw new IllegalStateException(pod + " climbs and is no member");
    }
    return member;
  }

  /** Whether both stand for the same table. */
  boolean sameTable(Members other) {
    return byPod.sameBy(Members::line, other.byPod);
  }

  /** A member's line in the table; empty without traffic. */
  static Optional<WeightTable.Entry> line(Member member) {
    return member.weight() == 0
        ? Optional.empty()
        : Optional.of(
            new WeightTable.Entry(
                member.pod(), member.name(), member.slot(), member.endpoint(), member.weight()));
  }

  @Override
  public @Nullable Member get(Object pod) {
    return byPod.get(pod);
  }

  @Override
  public boolean containsKey(Object pod) {
    return byPod.containsKey(pod);
  }

  @Override
  public int size() {
    return byPod.size();
  }

  @Override
  public Collection<Member> values() {
    return byPod.values();
  }

  @Override
  public Set<Entry<PodUid, Member>> entrySet() {
    return byPod.entrySet();
  }
}
