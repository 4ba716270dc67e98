package dev.thaw.coordinator.pod;

import java.util.List;

/** What follows from one input: the next state and what is to be done. */
public record PodDecision(PodState state, List<PodEffect> effects) {
  public PodDecision {
    effects = List.copyOf(effects);
  }
}
