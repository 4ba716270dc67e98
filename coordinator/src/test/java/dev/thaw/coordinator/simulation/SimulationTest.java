package dev.thaw.coordinator.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The cores through many random histories. {@code -Dthaw.sim.seed=N} replays one, {@code
 * -Dthaw.sim.seeds=N} runs that many.
 */
class SimulationTest {
  private static final long SEEDS = Long.getLong("thaw.sim.seeds", 2_000);

  @Test
  void theInvariantsHoldInEveryHistoryAndTheHistoriesAreRich() {
    Long one = Long.getLong("thaw.sim.seed");
    Set<Class<?>> kinds = new HashSet<>();
    Set<Why> reasons = EnumSet.noneOf(Why.class);
    LongStream seeds = one != null ? LongStream.of(one) : LongStream.range(0, SEEDS);

    seeds.forEach(
        seed -> {
          for (WorkloadEvent event : run(seed, Core::real)) {
            kinds.add(event.getClass());
            if (event instanceof WorkloadEvent.RungEntered entered) {
              reasons.add(entered.why());
            }
          }
        });

    if (one == null) {
      assertThat(kinds).containsExactlyInAnyOrder(WorkloadEvent.class.getPermittedSubclasses());
      assertThat(reasons)
          .containsOnly(
              Why.GATE_PASSED,
              Why.OPERATOR_COMMAND,
              Why.NOTHING_WARM,
              Why.NO_EVIDENCE,
              Why.TOO_FEW_REQUESTS,
              Why.OBSERVE_MODE,
              Why.GATE_MODE);
    }
  }

  @Test
  void aSeedGivesTheSameHistoryEachTime() {
    assertThat(run(7, Core::real)).isEqualTo(run(7, Core::real)).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aCoreWithAFaultIsCaughtAndTheSeedToReplayItIsNamed(BrokenCores fault) {
    for (long seed = 0; seed < 200; seed++) {
      try {
        run(seed, fault::over);
      } catch (World.Violation caught) {
        assertThat(caught).hasMessageContaining("-Dthaw.sim.seed=" + seed);
        return;
      }
    }
    fail(fault + " was not caught in 200 histories");
  }

  private static List<WorkloadEvent> run(long seed, Function<WarmupPolicy, Core> cores) {
    var simulation = new Simulation(seed, cores);
    simulation.run();
    return simulation.journal();
  }
}
