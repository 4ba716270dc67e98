package dev.thaw.coordinator.gate;

/** What a pod's probe has said last. */
public enum Probing {
  /** Nothing has been heard since this writer opened. */
  UNKNOWN,
  GOOD,
  /** At least one failure in a row. */
  FAILING
}
