package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.StartId;
import dev.thaw.persistence.CohortId;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Decisions in plain words. */
class ExplainTest {
  private static final Instant NOW = Instant.EPOCH;
  private static final CohortId COHORT = new CohortId("c");

  @Test
  void aRollbackNamesTheEvidenceAndThePause() {
    var event =
        new WorkloadEvent.WentBack(
            COHORT, 3, 2, 5, 1, 5_000, "Errors: 4 of 20 requests failed", NOW);

    assertThat(Explain.text(event))
        .isEqualTo(
            "Sent back from rung 3 to 5% (breach 1): Errors: 4 of 20 requests failed;"
                + " pauses for 5 s.");
  }

  @Test
  void anEjectionNamesItsReason() {
    var event =
        new WorkloadEvent.Ejected(
            Rig.uid("orders-0"), new StartId("s"), Reasons.NEVER_SERVED, "refused", NOW);

    assertThat(Explain.text(event)).isEqualTo("Lost its traffic (NeverServed): refused.");
  }

  @Test
  void anEndThatWasAskedForIsNoFailure() {
    var event =
        new WorkloadEvent.Ejected(Rig.uid("orders-0"), new StartId("s"), Reasons.ENDING, "", NOW);

    assertThat(Explain.text(event)).isEqualTo("Lost its traffic: its end was asked for.");
  }

  @ParameterizedTest
  @EnumSource
  void everyReasonToEnterARungHasWords(Why why) {
    var event = new WorkloadEvent.RungEntered(COHORT, List.of(), 2, 5, why, "", NOW);

    assertThat(Explain.text(event)).startsWith("Given 5% of its share (rung 2): ").endsWith(".");
  }
}
