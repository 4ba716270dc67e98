package dev.thaw.coordinator.local;

/** After which ends of its process a replica is started again. */
public enum RestartMode {
  NEVER,
  ON_FAILURE,
  ALWAYS
}
