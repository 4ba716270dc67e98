package dev.thaw.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.Endpoint;
import dev.thaw.config.Mode;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WorkloadName;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** How events fold into the state, and the state into the table. */
class WorkloadTest {
  private static final Instant AT = Instant.EPOCH;
  private static final Workload EMPTY = Workload.empty(new WorkloadName("orders"));
  private static final CohortId COHORT = new CohortId("cohort-0");

  @Test
  void aPodAtRungZeroIsAbsentFromTheTable() {
    Workload state = EMPTY.applyAll(List.of(opened(1), joined(0), started(0), confirmed(0)));

    assertThat(state.table().entries()).isEmpty();
    assertThat(state.version()).isZero();
  }

  @Test
  void theVersionIsTheNumberOfTheEventThatChangedTheTable() {
    Workload state =
        EMPTY.applyAll(
            List.of(
                opened(1),
                joined(0),
                started(0),
                confirmed(0),
                entered(0, 1, 5),
                new WorkloadEvent.RungApplied(COHORT, 1, AT),
                opened(2)));

    assertThat(state.version()).isEqualTo(5);
    assertThat(state.sequence()).isEqualTo(7);
    assertThat(state.table().term()).isEqualTo(2);
    assertThat(state.table().entries())
        .containsExactly(new WeightTable.Entry(pod(0), new PodName("orders-0"), 0, endpoint(0), 5));
  }

  @Test
  void goingBackRemembersTheBreachUntilTheRungIsEnteredAgain() {
    Workload back =
        EMPTY.applyAll(
            List.of(
                opened(1),
                joined(0),
                started(0),
                confirmed(0),
                entered(0, 2, 5),
                new WorkloadEvent.WentBack(COHORT, 2, 1, 1, 1, 5_000, "Errors", AT)));
    assertThat(climb(back).breachStands()).isTrue();
    assertThat(climb(back).waitMillis()).isEqualTo(5_000);

    Workload again =
        back.applyAll(List.of(new WorkloadEvent.Passed(COHORT, 1, 1, 3_000, AT), entered(0, 2, 5)));

    assertThat(climb(again).breachStands()).isFalse();
    assertThat(again.member(pod(0)).orElseThrow().stage().born().orElseThrow())
        .isEqualTo(new Birth(new StartId("start-0"), true, false, 1, 3_000));
  }

  @Test
  void anEventAboutAnotherStartChangesNothingButTheCount() {
    Workload state = EMPTY.applyAll(List.of(opened(1), joined(0), started(0)));

    Workload next =
        state.apply(new WorkloadEvent.Confirmed(pod(0), new StartId("somebody else"), AT));

    assertThat(next.members()).isEqualTo(state.members());
    assertThat(next.sequence()).isEqualTo(state.sequence() + 1);
  }

  @Test
  void theSmallestFreeSlotIsTaken() {
    Workload state =
        EMPTY.applyAll(
            List.of(
                joined(0), joined(1), joined(2), new WorkloadEvent.Left(pod(1), "deleted", AT)));

    assertThat(state.freeSlot()).contains(1);
  }

  @Property
  void anyHistoryFoldsAndTheVersionNeverGoesBack(@ForAll("histories") List<WorkloadEvent> history) {
    Workload state = EMPTY;
    for (WorkloadEvent event : history) {
      Workload next = state.apply(event);
      boolean changed = !next.table().entries().equals(state.table().entries());
      assertThat(next.sequence()).isEqualTo(state.sequence() + 1);
      assertThat(next.version()).isEqualTo(changed ? next.sequence() : state.version());
      assertThat(next.table().entries()).allMatch(entry -> entry.weight() > 0);
      state = next;
    }

    assertThat(EMPTY.applyAll(history)).isEqualTo(state);
  }

  @Provide
  Arbitrary<List<WorkloadEvent>> histories() {
    return Arbitraries.of(
            opened(1),
            joined(0),
            joined(1),
            started(0),
            started(1),
            confirmed(0),
            confirmed(1),
            new WorkloadEvent.Warmed(pod(0), new StartId("start-0"), true, "", AT),
            new WorkloadEvent.Warmed(pod(1), new StartId("start-1"), false, "", AT),
            entered(0, 1, 1),
            entered(1, 4, 100),
            new WorkloadEvent.RungApplied(COHORT, 1, AT),
            new WorkloadEvent.Passed(COHORT, 1, 1, 1_000, AT),
            new WorkloadEvent.WentBack(COHORT, 1, 0, 0, 1, 1_000, "Slow", AT),
            new WorkloadEvent.Settled(COHORT, AT),
            new WorkloadEvent.Ejected(pod(0), new StartId("start-0"), Reasons.EXITED, "", AT),
            new WorkloadEvent.Ejected(pod(1), new StartId("start-1"), Reasons.BREACHES, "", AT),
            new WorkloadEvent.Left(pod(0), "deleted", AT),
            new WorkloadEvent.Paused(List.of(pod(0)), AT),
            new WorkloadEvent.Resumed(List.of(), AT),
            new WorkloadEvent.Aborted(pod(1), AT),
            new WorkloadEvent.Retried(pod(1), AT))
        .list()
        .ofMaxSize(60);
  }

  private static Climb climb(Workload state) {
    return ((Stage.Climbing) state.member(pod(0)).orElseThrow().stage()).climb();
  }

  private static PodUid pod(int number) {
    return new PodUid("uid-" + number);
  }

  private static Endpoint endpoint(int number) {
    return new Endpoint("127.101.0." + (number + 1), 8080);
  }

  private static WorkloadEvent opened(long term) {
    return new WorkloadEvent.Opened(term, Mode.RAMP, AT);
  }

  private static WorkloadEvent joined(int number) {
    return new WorkloadEvent.Joined(
        pod(number), new PodName("orders-" + number), number, endpoint(number), AT);
  }

  private static WorkloadEvent started(int number) {
    return new WorkloadEvent.Started(pod(number), new StartId("start-" + number), AT);
  }

  private static WorkloadEvent confirmed(int number) {
    return new WorkloadEvent.Confirmed(pod(number), new StartId("start-" + number), AT);
  }

  private static WorkloadEvent entered(int number, int rung, int weight) {
    return new WorkloadEvent.RungEntered(
        new CohortId("cohort-" + number),
        List.of(pod(number)),
        rung,
        weight,
        Why.GATE_PASSED,
        "",
        AT);
  }
}
