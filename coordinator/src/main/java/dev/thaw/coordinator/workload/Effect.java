package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.persistence.WeightTable;
import java.util.Set;

/**
 * What is owed. Each is idempotent: whoever carries it out does so when it appears among what is
 * owed, and again every few seconds while it stays there.
 */
public sealed interface Effect {

  /** Every connected plane should hold this table; owed until all have said so. */
  record Publish(WeightTable table) implements Effect {}

  /** A pod's actor should know what its pod is allowed. */
  record Assign(PodUid pod, StartId start, Phase phase, int weight) implements Effect {}

  /** A pod's actor should tell its facts; owed until it has. */
  record Ask(PodUid pod) implements Effect {}

  /** Nodes should scrape exactly these pods of the workload. */
  record Scrape(Set<PodUid> pods) implements Effect {
    public Scrape {
      pods = Set.copyOf(pods);
    }
  }

  /**
   * A query should be asked.
   *
   * @param round counts the askings, so that each is an effect of its own
   */
  record Query(PodUid pod, StartId start, int rung, String promql, long round) implements Effect {}
}
