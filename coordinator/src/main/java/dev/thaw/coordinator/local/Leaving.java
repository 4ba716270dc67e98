package dev.thaw.coordinator.local;

import dev.thaw.config.PodUid;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Who may go without leaving users without a backend. Pure. */
final class Leaving {
  private Leaving() {}

  /**
   * Who goes when {@code surplus} must: those without traffic before those with, the youngest
   * first.
   *
   * @param serving pods that have traffic
   */
  static List<Replica> first(Collection<Replica> staying, int surplus, Set<PodUid> serving) {
    return staying.stream()
        .sorted(
            Comparator.comparing((Replica each) -> serving.contains(each.uid))
                .thenComparing(each -> each.index, Comparator.reverseOrder()))
        .limit(Math.max(0, surplus))
        .toList();
  }

  /** Whether users reach nobody but this one. Who is being ended or restarted is not counted on. */
  static boolean leavesNobody(Replica leaving, Collection<Replica> all, Set<PodUid> serving) {
    return serving.contains(leaving.uid)
        && all.stream()
            .filter(each -> each != leaving && each.plan == Replica.Plan.RUN)
            .noneMatch(each -> serving.contains(each.uid));
  }
}
