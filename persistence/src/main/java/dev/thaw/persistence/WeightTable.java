package dev.thaw.persistence;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.WorkloadName;
import java.util.List;

/**
 * Who gets traffic and how much: a pure function of a workload's state. Ordered by (term, version);
 * a plane that has applied one never applies a lower one.
 *
 * @param version sequence number of the event that last changed the entries; 0: nothing was ever
 *     decided, and such a table is published to nobody
 * @param entries by slot; a pod at rung 0 is absent
 */
public record WeightTable(WorkloadName workload, long term, long version, List<Entry> entries) {

  /** One pod's line. {@code weight}: per cent of its fair share, 1 to 100. */
  public record Entry(PodUid pod, PodName name, int slot, Endpoint endpoint, int weight) {}
}
