package dev.thaw.coordinator.workload;

/** What a pod's actor has to do for its pod. */
public enum Phase {
  /** Probe closely and say when it has succeeded often enough in a row. */
  CONFIRMING,
  /** Send the warm-up requests and say how they went. */
  WARMING,
  /** Confirmed, but no traffic: keep probing. */
  HELD,
  /** Some traffic: keep probing closely. */
  CLIMBING,
  /** All its traffic: probe at leisure. */
  FULL,
  /** The process is dead. */
  ENDED
}
