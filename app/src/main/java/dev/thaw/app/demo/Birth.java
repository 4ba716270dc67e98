package dev.thaw.app.demo;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One replica's start under one regime, as observed.
 *
 * @param slot its place in the kernel's table
 * @param execNanos CLOCK_MONOTONIC of its exec
 * @param marks milliseconds since exec by event: runtime_main, listen, confirmed ...
 * @param rungs what it was given and when, milliseconds since exec
 * @param rolledBack the reasons for which its evidence took traffic away, in order
 * @param held why it was never let in, such as {@code WarmupFailed}; empty when it was
 * @param coldWindowMs from its first order to the end of its catalogue's load, by its own word
 */
record Birth(
    Regime regime,
    int slot,
    long execNanos,
    Map<String, Double> marks,
    List<RungAt> rungs,
    List<String> rolledBack,
    String held,
    OptionalDouble coldWindowMs) {

  /** A weight and when it was given. */
  record RungAt(double ms, int weight, String reason) {}

  /** How a newborn is let in. */
  enum Regime {
    LISTEN,
    READINESS_PROBE,
    THAW_NO_WARMUP,
    THAW;

    String key() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    boolean warmsUp() {
      return this == THAW;
    }

    /** An operator's promotion stands in for what lets pods in without Thaw. */
    boolean promoted() {
      return this == LISTEN || this == READINESS_PROBE;
    }
  }

  int highestWeight() {
    return rungs.stream().mapToInt(RungAt::weight).max().orElse(0);
  }

  OptionalDouble fullShareMs() {
    return rungs.stream().filter(rung -> rung.weight() == 100).mapToDouble(RungAt::ms).findFirst();
  }
}
