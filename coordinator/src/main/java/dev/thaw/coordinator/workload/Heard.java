package dev.thaw.coordinator.workload;

import dev.thaw.config.StartId;
import dev.thaw.coordinator.gate.Probing;
import java.util.OptionalLong;

/**
 * What a pod's actor has told of its present start since this writer opened.
 *
 * @param execNanos the node's clock; a start that began earlier is an old one
 * @param warmupEnded the node's clock; empty when no end of a warm-up was heard of
 */
public record Heard(
    StartId start, long execNanos, boolean listening, Probing probing, OptionalLong warmupEnded) {

  static Heard started(StartId start, long execNanos) {
    return new Heard(start, execNanos, false, Probing.UNKNOWN, OptionalLong.empty());
  }

  Heard listening(boolean open) {
    return new Heard(start, execNanos, open, probing, warmupEnded);
  }

  Heard probing(Probing now) {
    return new Heard(start, execNanos, listening, now, warmupEnded);
  }

  Heard warmedUntil(long nanos) {
    return new Heard(start, execNanos, listening, probing, OptionalLong.of(nanos));
  }
}
