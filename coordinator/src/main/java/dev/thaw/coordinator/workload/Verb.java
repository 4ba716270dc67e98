package dev.thaw.coordinator.workload;

/** What an operator may ask for. */
public enum Verb {
  PAUSE,
  RESUME,
  PROMOTE,
  ABORT,
  RETRY
}
