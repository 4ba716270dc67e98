package dev.thaw.coordinator.pod;

import dev.thaw.coordinator.workload.Input;
import dev.thaw.protocol.v1.ToNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** What a pod's actor has to do, in the order given. */
public sealed interface PodEffect {

  /** Say this to its node. */
  record Command(ToNode message) implements PodEffect {}

  /** Say this to its workload. */
  record Tell(Input.PodMoved moved) implements PodEffect {}

  /**
   * Say this to people: an event of the feed with its fields.
   *
   * @param atNanos the node's monotonic clock; empty for now
   */
  record Announce(String event, OptionalLong atNanos, Map<String, Object> fields)
      implements PodEffect {
    public Announce {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields)); // in their order
    }
  }
}
