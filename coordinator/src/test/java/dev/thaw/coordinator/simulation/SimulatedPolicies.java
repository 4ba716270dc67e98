package dev.thaw.coordinator.simulation;

import dev.thaw.config.Mode;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.GateDefaults;
import dev.thaw.config.WarmupPolicy.Metrics;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.Warmup;
import dev.thaw.coordinator.Policies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Short ladders of every shape. */
final class SimulatedPolicies {

  private SimulatedPolicies() {}

  static WarmupPolicy any(Random random) {
    Mode mode = random.nextInt(8) == 0 ? Mode.values()[random.nextInt(2)] : Mode.RAMP;
    Optional<Warmup> warmup =
        random.nextInt(3) == 0 ? Optional.of(Policies.warmup()) : Optional.empty();
    Optional<Metrics> metrics =
        random.nextInt(4) == 0 ? Optional.empty() : Optional.of(Policies.scraped());
    return Policies.with(mode, warmup, metrics, birth(random, metrics.isPresent()));
  }

  private static Birth birth(Random random, boolean metrics) {
    List<Gate> gates = new ArrayList<>(random.nextInt(6) == 0 ? List.of() : Policies.RELATIVE);
    if (metrics && random.nextInt(6) == 0) {
      gates.add(new PromqlGate("errors", 0.5, 0.9));
    }
    boolean relative = !gates.isEmpty();
    return new Birth(
        "simulated",
        Duration.ofSeconds(random.nextInt(6)),
        Optional.of(Duration.ofSeconds(15 + random.nextInt(10))),
        2 + random.nextInt(3),
        List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)),
        new GateDefaults(Duration.ofSeconds(1), Duration.ZERO),
        List.of(
            new Rung(1, Duration.ofSeconds(1), relative ? 1 : 0, gates(gates, metrics)),
            new Rung(5, Duration.ofSeconds(2), 5, gates(gates, metrics)),
            new Rung(20, Duration.ofMillis(2_500), 10, gates(gates, metrics)),
            new Rung(100, Duration.ofSeconds(random.nextInt(4)), 0, gates(gates, metrics))));
  }

  private static List<Gate> gates(List<Gate> gates, boolean metrics) {
    return metrics ? gates : Policies.RELATIVE;
  }
}
