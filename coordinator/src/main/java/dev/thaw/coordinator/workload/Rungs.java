package dev.thaw.coordinator.workload;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.persistence.Birth;
import dev.thaw.persistence.Climb;
import dev.thaw.persistence.Why;
import java.time.Duration;
import java.util.List;

/** The policy's ladder by rung number: 0 is no traffic, 1 to {@link #last} its entries. */
final class Rungs {
  private final WarmupPolicy policy;

  Rungs(WarmupPolicy policy) {
    this.policy = policy;
  }

  int last() {
    return policy.birth().ladder().size();
  }

  /** A rung that the ladder has no more (a shorter policy since) counts as its last. */
  Rung rung(int number) {
    return policy.birth().ladder().get(Math.min(number, last()) - 1);
  }

  int weight(int number) {
    return number == 0 ? 0 : rung(number).weight();
  }

  boolean isLast(Climb climb) {
    return climb.rung() >= last();
  }

  /** How many verdicts in a row a hold is. */
  int passesNeeded(int number) {
    long hold = rung(number).hold().toNanos();
    long interval = policy.birth().gateDefaults().interval().toNanos();
    return (int) ((hold + interval - 1) / interval);
  }

  boolean held(Climb climb) {
    return climb.passes() >= passesNeeded(climb.rung());
  }

  /** The pause after the given breach, counted from 1; the last one repeats. */
  Duration retryAfter(int breach) {
    List<Duration> pauses = policy.birth().retryAfter();
    return pauses.isEmpty() ? Duration.ZERO : pauses.get(Math.min(breach, pauses.size()) - 1);
  }

  /** Whether it waits for nothing but its first rung. */
  boolean warmedUp(Birth birth) {
    return birth.confirmed() && (policy.warmup().isEmpty() || birth.warmed());
  }

  List<PromqlGate> queries(int number) {
    return rung(number).gates().stream()
        .filter(PromqlGate.class::isInstance)
        .map(PromqlGate.class::cast)
        .toList();
  }

  /** What leaving this rung upwards rests on: without any source of figures, on time alone. */
  Why whyHeld(int number) {
    boolean scraped = policy.metrics().flatMap(WarmupPolicy.Metrics::scrape).isPresent();
    boolean pressed = rung(number).gates().stream().anyMatch(PressureGate.class::isInstance);
    return scraped || pressed || !queries(number).isEmpty() ? Why.GATE_PASSED : Why.NO_EVIDENCE;
  }
}
