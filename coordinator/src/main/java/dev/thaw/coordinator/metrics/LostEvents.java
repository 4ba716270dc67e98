package dev.thaw.coordinator.metrics;

import java.util.HashSet;
import java.util.Set;
import kamon.Kamon;
import kamon.metric.Metric;

/**
 * What Prometheus is told of kernel events that nodes could not read in time, through Kamon. One
 * thread.
 */
public final class LostEvents {
  private final Metric.Counter lost =
      Kamon.counter("thaw.node.kernel.events.lost", "Kernel events that found no room to wait in.");
  private final Growth growth = new Growth();
  private final Set<String> known = new HashSet<>();

  /** Takes in the total that a node tells; all of the first are news. */
  public void told(String node, long total) {
    if (known.add(node)) {
      growth.of(node, 0);
    }
    lost.withTag("node", node).increment(growth.of(node, total));
  }
}
