package dev.thaw.coordinator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The cores through many random histories. {@code -Dthaw.sim.seed=N} replays one, {@code
 * -Dthaw.sim.seeds=N} runs that many.
 */
class SimulationTest {

  @Test
  void theInvariantsHoldInEveryHistory() {
    Long one = Long.getLong("thaw.sim.seed");
    LongStream seeds =
        one != null ? LongStream.of(one) : LongStream.range(0, Long.getLong("thaw.sim.seeds", 500));

    seeds.forEach(seed -> new Simulation(seed, Core::real).run());
  }

  @Test
  void aSeedGivesTheSameHistoryEachTime() {
    var first = new Simulation(7, Core::real);
    var second = new Simulation(7, Core::real);

    first.run();
    second.run();

    assertThat(second.journal()).isEqualTo(first.journal()).isNotEmpty();
  }
}
