package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;

/** What a writer says to the actors of its pods. */
public interface PodWords {

  /** What its pod is allowed; may be said again at any time. */
  void assigned(PodUid pod, StartId start, Phase phase, int weight);

  /** All that a pod's actor knows is to be told. */
  void factsAsked(PodUid pod);
}
