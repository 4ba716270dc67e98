package dev.thaw.benchmarks;

import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import dev.thaw.coordinator.gate.Evidence;
import dev.thaw.coordinator.gate.Judge;
import dev.thaw.coordinator.gate.Probing;
import dev.thaw.coordinator.gate.Verdict;
import dev.thaw.coordinator.gate.Window;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One verdict on one pod, by the two relative gates: once per pod and second while it climbs. */
@State(Scope.Benchmark)
public class JudgeSpeed {
  private final Rung rung =
      new Rung(20, Duration.ofSeconds(3), 20, List.of(new ErrorGate(0.05, 2), new SlowGate(0.10)));
  private final Evidence evidence =
      new Evidence(
          Probing.GOOD,
          true,
          new Window.Seen(120, 1, 120, 3),
          new Window.Seen(900, 2, 900, 8),
          0,
          Map.of(),
          Map.of());

  @Benchmark
  public Verdict judge() {
    return Judge.judge(rung, evidence);
  }
}
