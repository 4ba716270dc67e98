package dev.thaw.coordinator.gate;

/** What a query came back with. */
public sealed interface Answer {

  /** One number. */
  record Value(double value) implements Answer {}

  /** No number that may be used: absent, not a number, stale, refused, unreachable. */
  record Missing(String why) implements Answer {}
}
