package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.Policies;
import dev.thaw.coordinator.gate.Answer;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How one birth climbs, waits, goes back and arrives. */
class BirthLadderTest {

  @Test
  void firstToConfirmGoesFullBecauseNothingIsWarmAndTheOthersClimb() {
    var rig = new Rig(Policies.quick()).join("orders-0", "orders-1");

    rig.serve("orders-0").serve("orders-1");

    assertThat(rig.weight("orders-0")).isEqualTo(100);
    assertThat(rig.weight("orders-1")).isEqualTo(1);
    assertThat(rig.events(WorkloadEvent.RungEntered.class))
        .extracting(WorkloadEvent.RungEntered::why)
        .containsExactly(Why.NOTHING_WARM, Why.GATE_PASSED);
  }

  @Test
  void climbsByEvidenceRungByRungAndSettlesAfterTheWatch() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");

    rig.pass(Duration.ofSeconds(60));

    assertThat(rungsOf(rig, "orders-1")).containsExactly(1, 5, 20, 100);
    assertThat(rig.member("orders-1").stage()).isInstanceOf(Stage.Settled.class);
    assertThat(whys(rig, "orders-1")).containsOnly(Why.GATE_PASSED);
  }

  @Test
  void aHoldIsMetByThatManyVerdictsSinceThePlaneAcknowledged() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    rig.acknowledging(false).serve("orders-1");

    rig.pass(Duration.ofSeconds(10));
    assertThat(rig.weight("orders-1")).isEqualTo(1);

    rig.acknowledging(true).pass(Duration.ofMillis(1_999));
    assertThat(rig.weight("orders-1")).isEqualTo(1);

    rig.pass(Duration.ofMillis(1_100));
    assertThat(rig.weight("orders-1")).isEqualTo(5);
  }

  @Test
  void fullShareIsNotGivenBeforeTheFloor() {
    var policy =
        Policies.climbing(
            new dev.thaw.config.WarmupPolicy.Birth(
                "quick",
                Duration.ofSeconds(30),
                Optional.of(Duration.ofSeconds(120)),
                3,
                List.of(Duration.ofSeconds(5)),
                Policies.quickBirth().gateDefaults(),
                Policies.quickBirth().ladder()));
    var rig = new Rig(policy).full("orders-0").join("orders-1").serve("orders-1");

    rig.pass(Duration.ofMillis(29_900));
    assertThat(rig.weight("orders-1")).isEqualTo(20);

    rig.pass(Duration.ofMillis(200));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
  }

  @Test
  void withoutEvidenceItHoldsItsRungAndGoesFullAtTheCeilingSayingSo() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    rig.scraping(false).serve("orders-1");

    rig.pass(Duration.ofSeconds(119));
    assertThat(rig.weight("orders-1")).isEqualTo(1);

    rig.pass(Duration.ofSeconds(2));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.last(WorkloadEvent.RungEntered.class).why()).isEqualTo(Why.NO_EVIDENCE);
  }

  @Test
  void atTheCeilingAFailingProbeKeepsItWhereItIs() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    rig.scraping(false).serve("orders-1").fact("orders-1", new Fact.Probed(1, "timeout"));

    rig.pass(Duration.ofSeconds(150));

    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void aPodUnderPressureGoesBackAndSaysByWhat() {
    var rig = new Rig(Policies.pressed()).full("orders-0").join("orders-1");
    rig.serve("orders-1").memoryPressure("orders-1", 0.02);
    passUntilWeight(rig, "orders-1", 20);

    rig.memoryPressure("orders-1", 0.9);
    passUntilWeight(rig, "orders-1", 5);

    assertThat(rig.last(WorkloadEvent.WentBack.class).reason())
        .startsWith("Pressure: memory kept it waiting");
  }

  @Test
  void pressureThatNobodyTellsHoldsItsRungAndNeverSendsBack() {
    var rig = new Rig(Policies.pressed()).full("orders-0").join("orders-1").serve("orders-1");

    rig.pass(Duration.ofSeconds(119));

    assertThat(rig.weight("orders-1")).isEqualTo(1);
    assertThat(rig.events(WorkloadEvent.WentBack.class)).isEmpty();
  }

  @Test
  void aBreachGoesBackOneRungWaitsAndThatRungMustHoldAgain() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    passUntilWeight(rig, "orders-1", 20);

    rig.errors("orders-1", 0.5);
    passUntilWeight(rig, "orders-1", 5);
    rig.errors("orders-1", 0);

    var back = rig.last(WorkloadEvent.WentBack.class);
    assertThat(back.fromRung()).isEqualTo(3);
    assertThat(back.toRung()).isEqualTo(2);
    assertThat(back.waitMillis()).isEqualTo(5_000);
    assertThat(back.reason()).startsWith("Errors: ");
    rig.pass(Duration.ofMillis(6_900));
    assertThat(rig.weight("orders-1")).isEqualTo(5);
    rig.pass(Duration.ofSeconds(10));
    assertThat(rig.weight("orders-1")).isGreaterThan(5);
  }

  @Test
  void aBreachOnTheFirstRungTakesAllTrafficAndTriesAgainAfterThePause() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    rig.rate("orders-1", 1_000).errors("orders-1", 1);

    passUntilWeight(rig, "orders-1", 0);
    rig.errors("orders-1", 0).pass(Duration.ofMillis(4_900));
    assertThat(rig.weight("orders-1")).isZero();

    rig.pass(Duration.ofMillis(200));
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void theThirdBreachOfOneBirthEjectsUntilAnOperatorSaysOtherwise() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    rig.rate("orders-1", 10_000).errors("orders-1", 1);

    rig.pass(Duration.ofSeconds(60));

    assertThat(rig.events(WorkloadEvent.WentBack.class)).hasSize(2);
    assertThat(rig.last(WorkloadEvent.Ejected.class).reason()).isEqualTo(Reasons.BREACHES);
    rig.errors("orders-1", 0).fact("orders-1", new Fact.Confirmed()).pass(Duration.ofMinutes(5));
    assertThat(rig.weight("orders-1")).isZero();

    assertThat(rig.verb(Verb.RETRY, "orders-1").refusal()).isEmpty();
    rig.pass(Duration.ofSeconds(60));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
  }

  @Test
  void theWatchOfTheLastRungMayStillRollBack() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    passUntilWeight(rig, "orders-1", 100);

    rig.slow("orders-1", 0.9);
    passUntilWeight(rig, "orders-1", 20);

    assertThat(rig.last(WorkloadEvent.WentBack.class).reason()).startsWith("Slow: ");
  }

  @Test
  void theOnlyWarmPodIsNotRolledBackBecauseNobodyCouldTakeItsTraffic() {
    var rig = new Rig(Policies.quick()).join("orders-0").serve("orders-0");
    rig.errors("orders-0", 0.5);

    rig.pass(Duration.ofSeconds(60));

    assertThat(rig.weight("orders-0")).isEqualTo(100);
    assertThat(rig.events(WorkloadEvent.WentBack.class)).isEmpty();
  }

  @Test
  void whenTheLastFullPodLeavesTheHighestClimberTakesItsPlace() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1", "orders-2");
    rig.serve("orders-1");
    passUntilWeight(rig, "orders-1", 5);
    rig.serve("orders-2");

    rig.fact("orders-0", new Fact.Exited("signal 9"));

    assertThat(rig.weight("orders-0")).isZero();
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.weight("orders-2")).isEqualTo(1);
    assertThat(rig.last(WorkloadEvent.RungEntered.class).why()).isEqualTo(Why.NOTHING_WARM);
  }

  @Test
  void aRungWhoseRequestsCannotComeInTimeIsSkipped() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    rig.rate("orders-1", 0).serve("orders-1");

    passUntilWeight(rig, "orders-1", 20);
    long before = rig.nanos();

    var skip = rig.last(WorkloadEvent.RungEntered.class);
    assertThat(skip.why()).isEqualTo(Why.TOO_FEW_REQUESTS);
    assertThat(before).isLessThan(1_000_000_000L * 1_400);
  }

  @Test
  void aRungThatGetsItsRequestsSlowlyIsNotSkipped() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    rig.rate("orders-1", 10).serve("orders-1");

    passUntilWeight(rig, "orders-1", 20);

    assertThat(whys(rig, "orders-1")).doesNotContain(Why.TOO_FEW_REQUESTS);
  }

  @Test
  void withoutMetricsEachRungPassesByItsHoldAndSaysThatThereWasNoEvidence() {
    var rig = new Rig(Policies.blind()).full("orders-0").join("orders-1").serve("orders-1");

    rig.pass(Duration.ofSeconds(30));

    assertThat(whys(rig, "orders-1"))
        .containsExactly(Why.GATE_PASSED, Why.NO_EVIDENCE, Why.NO_EVIDENCE, Why.NO_EVIDENCE);
  }

  @Test
  void withoutMetricsTwoFailedConnectionsAreABreach() {
    var rig = new Rig(Policies.blind()).full("orders-0").join("orders-1").serve("orders-1");
    passUntilWeight(rig, "orders-1", 5);
    int slot = rig.member("orders-1").slot();

    rig.take(new Input.PicksCounted(rig.state().version(), List.of(new Input.Picks(slot, 10, 2))));
    rig.pass(Duration.ofSeconds(1));

    assertThat(rig.last(WorkloadEvent.WentBack.class).reason()).startsWith("ConnectFailures: ");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDependencyThatBreaksForEveryoneSendsNobodyBack(boolean climberIsScrapedFirst) {
    var rig = new Rig(Policies.quick());
    if (climberIsScrapedFirst) {
      rig.youngestFirst();
    }
    rig.full("orders-0").join("orders-1").serve("orders-1");
    passUntilWeight(rig, "orders-1", 20);

    rig.errors("orders-0", 0.5).errors("orders-1", 0.5).pass(Duration.ofSeconds(20));

    assertThat(rig.events(WorkloadEvent.WentBack.class)).isEmpty();
  }

  @Test
  void theReferenceLadderHoldsTwoFiveTenAndFifteenMinutes() {
    var rig = new Rig(Policies.reference()).answers(query -> new Answer.Value(0.0));
    rig.full("orders-0");
    rig.pass(Duration.ofMinutes(20));
    rig.join("orders-1").serve("orders-1");

    rig.pass(Duration.ofSeconds(119));
    assertThat(rig.weight("orders-1")).isEqualTo(1);
    rig.pass(Duration.ofSeconds(2 + 298));
    assertThat(rig.weight("orders-1")).isEqualTo(5);
    rig.pass(Duration.ofSeconds(2 + 598));
    assertThat(rig.weight("orders-1")).isEqualTo(20);
    rig.pass(Duration.ofSeconds(2 + 898));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.member("orders-1").stage()).isInstanceOf(Stage.Climbing.class);
    rig.pass(Duration.ofSeconds(2));
    assertThat(rig.member("orders-1").stage()).isInstanceOf(Stage.Settled.class);
  }

  @Test
  void theReferenceLadderHasNoCeilingAndHoldsOnInconclusiveEvidence() {
    var rig = new Rig(Policies.reference()).answers(query -> new Answer.Value(0.0));
    rig.full("orders-0");
    rig.pass(Duration.ofMinutes(20));
    rig.answers(query -> new Answer.Value(0.02)).join("orders-1").serve("orders-1");

    rig.pass(Duration.ofHours(3));

    assertThat(rig.weight("orders-1")).isEqualTo(5);
    rig.answers(query -> new Answer.Value(0.04)).pass(Duration.ofMinutes(1));
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void aWallClockThatJumpsChangesNothing() {
    var straight = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    var jumping = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");

    straight.pass(Duration.ofSeconds(7));
    jumping.pass(Duration.ofSeconds(3)).clockStep(Duration.ofDays(-400));
    jumping.pass(Duration.ofSeconds(4));

    assertThat(jumping.state()).isEqualTo(straight.state());
  }

  private static List<Integer> rungsOf(Rig rig, String name) {
    return rig.events(WorkloadEvent.RungEntered.class).stream()
        .filter(entered -> entered.pods().contains(Rig.uid(name)))
        .map(WorkloadEvent.RungEntered::weight)
        .toList();
  }

  private static List<Why> whys(Rig rig, String name) {
    return rig.events(WorkloadEvent.RungEntered.class).stream()
        .filter(entered -> entered.pods().contains(Rig.uid(name)))
        .map(WorkloadEvent.RungEntered::why)
        .toList();
  }

  private static void passUntilWeight(Rig rig, String name, int weight) {
    for (int tenths = 0; tenths < 3_000 && rig.weight(name) != weight; tenths++) {
      rig.pass(Duration.ofMillis(100));
    }
    assertThat(rig.weight(name)).isEqualTo(weight);
  }
}
