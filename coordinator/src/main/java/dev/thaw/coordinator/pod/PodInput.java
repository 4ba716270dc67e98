package dev.thaw.coordinator.pod;

import dev.thaw.config.StartId;
import dev.thaw.coordinator.workload.Phase;
import dev.thaw.protocol.v1.FromNode;

/** What a pod's actor is told. */
public sealed interface PodInput {

  /** A message of its node about this pod. */
  record NodeSaid(FromNode message) implements PodInput {}

  /** What its workload allows this start; may be said again at any time. */
  record Assigned(StartId start, Phase phase, int weight) implements PodInput {}

  /** Its workload wants to know all it knows. */
  record FactsAsked() implements PodInput {}

  /** Its process is about to be ended on purpose. */
  record Ending() implements PodInput {}

  /** The time that {@link PodCore#wakeAt} named has come, or any other. */
  record Woke() implements PodInput {}
}
