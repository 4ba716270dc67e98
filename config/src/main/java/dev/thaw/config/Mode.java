package dev.thaw.config;

/** What Thaw does with a newborn pod. */
public enum Mode {
  /** Even balance from LISTEN; reports what it would have done. */
  OBSERVE,
  /** No traffic, then full once confirmed and warmed. */
  GATE,
  /** The whole ladder. */
  RAMP
}
