package dev.thaw.coordinator.metrics;

import dev.thaw.config.PodUid;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.StartRef;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * How many connections of each pod's pool are warm, by what its node says of its present start: a
 * pool ends with its process. One thread.
 */
public final class WarmConnections {
  private final ObjIntConsumer<PodUid> gauge;

  /** Of pods that have a pool, the start that it belongs to. */
  private final Map<String, String> starts = new HashMap<>();

  /** {@code gauge} is told whenever the number may be another. */
  public WarmConnections(ObjIntConsumer<PodUid> gauge) {
    this.gauge = gauge;
  }

  /** Takes in whatever a node says. */
  public void heard(FromNode message) {
    switch (message.getMessageCase()) {
      case WARMUP_REPORT -> {
        var said = message.getWarmupReport();
        if (said.getWarmConnections() + said.getColdConnections() > 0) {
          warm(said.getStart(), said.getWarmConnections());
        }
      }
      case POOL_REPORT ->
          warm(message.getPoolReport().getStart(), message.getPoolReport().getWarmConnections());
      case PROCESS_EXITED -> ended(message.getProcessExited().getStart());
      default -> {
        // not about a pool
      }
    }
  }

  private void warm(StartRef start, int connections) {
    starts.put(start.getPodUid(), start.getStartId());
    gauge.accept(new PodUid(start.getPodUid()), connections);
  }

  /** A node repeats the end of an earlier start when it is asked for a report. */
  private void ended(StartRef start) {
    if (starts.remove(start.getPodUid(), start.getStartId())) {
      gauge.accept(new PodUid(start.getPodUid()), 0);
    }
  }
}
