package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.Mode;
import dev.thaw.coordinator.Policies;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is a member, what a start is worth, and what a restart of the writer keeps. */
class MembershipTest {

  @Test
  void nothingIsDecidedOrOwedBeforeTheWriterHasOpened() {
    var core = new WorkloadCore(Policies.quick());
    var state = dev.thaw.persistence.Workload.empty(Policies.quick().workload());
    var now = new Moment(0, java.time.Instant.EPOCH);

    var decision = core.decide(state, Live.closed(now), new Input.Digest(List.of()), now);

    assertThat(decision.events()).isEmpty();
    assertThat(core.effects(state, decision.live())).isEmpty();
  }

  @Test
  void openingTakesATermAboveEverythingThatWasSeen() {
    var core = new WorkloadCore(Policies.quick());
    var state = dev.thaw.persistence.Workload.empty(Policies.quick().workload());
    var now = new Moment(0, java.time.Instant.EPOCH);

    var decision = core.decide(state, Live.closed(now), new Input.Open(41), now);

    assertThat(((WorkloadEvent.Opened) decision.events().get(0)).term()).isEqualTo(42);
  }

  @Test
  void oneListWithoutAMemberRemovesNobodyTwoInARowDo() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");

    rig.list("orders-0");
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    rig.list("orders-0", "orders-1").list("orders-0");
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    rig.list("orders-0");
    assertThat(rig.state().member(Rig.uid("orders-1"))).isEmpty();
  }

  @Test
  void aDeletedPodLeavesAtOnceAndItsSlotIsFreeAgain() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");

    rig.delete("orders-0", "scaled down");
    rig.join("orders-2");

    assertThat(rig.last(WorkloadEvent.Left.class).reason()).isEqualTo("scaled down");
    assertThat(rig.member("orders-2").slot()).isZero();
  }

  @Test
  void aNewProcessHasNothingOfWhatTheOldOneHadClimbed() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");

    rig.start("orders-1", 2);

    assertThat(rig.weight("orders-1")).isZero();
    assertThat(rig.member("orders-1").start()).contains(Rig.startId("orders-1", 2));
  }

  @Test
  void factsAboutAnOlderProcessAreVoid() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1", 2);

    rig.start("orders-1", 1).fact("orders-1", 1, new Fact.Exited("signal 9"));

    assertThat(rig.member("orders-1").start()).contains(Rig.startId("orders-1", 2));
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void aDeadProcessComesBackOnlyAsAnotherStart() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");
    rig.fact("orders-1", new Fact.Exited("exit code 1"));

    rig.fact("orders-1", new Fact.Probed(0, "")).fact("orders-1", new Fact.Confirmed());
    rig.start("orders-1").verb(Verb.RETRY, "orders-1");
    assertThat(rig.member("orders-1").stage()).isInstanceOf(Stage.Ended.class);

    rig.serve("orders-1", 2);
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void whatIsEndedOnPurposeLosesItsTrafficFirst() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");

    rig.fact("orders-1", new Fact.Ending()).confirm("orders-1", 1);

    assertThat(rig.weight("orders-1")).isZero();
    rig.serve("orders-1", 2);
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  /** An operator asked for its end, and Thaw was killed before the process had ended. */
  @Test
  void whoOutlivesTheRunThatWantedItsEndProvesItselfAgain() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");
    rig.fact("orders-1", new Fact.Ending());

    rig.recover().serve("orders-0").serve("orders-1");

    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void whoIsDeadStaysSoForTheNextWriter() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");
    rig.fact("orders-1", new Fact.Exited("signal 9"));

    rig.recover().serve("orders-0").serve("orders-1");

    assertThat(rig.weight("orders-1")).isZero();
  }

  @Test
  void aProbeThatFailsThreeTimesInARowTakesTheTrafficAndThreeSuccessesStartTheLadderAgain() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");

    rig.fact("orders-1", new Fact.Probed(2, "timeout"));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    rig.fact("orders-1", new Fact.Probed(3, "timeout"));
    assertThat(rig.weight("orders-1")).isZero();
    assertThat(rig.last(WorkloadEvent.Ejected.class).reason()).isEqualTo(Reasons.PROBE_FAILED);

    rig.confirm("orders-1", 1);
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void errorsAndAFailingProbeTogetherTakeTheTrafficAtOnce() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    rig.pass(Duration.ofSeconds(6)).rate("orders-1", 400).errors("orders-1", 0.5);

    rig.fact("orders-1", new Fact.Probed(1, "500")).pass(Duration.ofSeconds(2));

    assertThat(rig.last(WorkloadEvent.Ejected.class).reason()).isEqualTo(Reasons.BOTH_FUSES);
    assertThat(rig.weight("orders-1")).isZero();
  }

  @Test
  void aPodThatNeverServedIsEjectedWithTheLastError() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").start("orders-1");

    rig.fact("orders-1", new Fact.NeverServed("connection refused"));

    assertThat(rig.member("orders-1").stage())
        .isEqualTo(
            new Stage.Ejected(
                rig.member("orders-1").stage().born().orElseThrow(),
                Reasons.NEVER_SERVED,
                "connection refused"));
    rig.confirm("orders-1", 1);
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void failedWarmUpRequestsHoldItAtNothingAndRetryWarmsAgain() {
    var rig = new Rig(Policies.warming()).join("orders-0", "orders-1");
    rig.serve("orders-0").fact("orders-0", new Fact.WarmupEnded(100, 0, 1, ""));
    rig.serve("orders-1");
    assertThat(phase(rig, "orders-1")).isEqualTo(Phase.WARMING);

    rig.fact("orders-1", new Fact.WarmupEnded(100, 6, 1, "500"));
    assertThat(rig.weight("orders-1")).isZero();
    assertThat(phase(rig, "orders-1")).isEqualTo(Phase.HELD);

    rig.verb(Verb.RETRY, "orders-1");
    assertThat(phase(rig, "orders-1")).isEqualTo(Phase.WARMING);
    rig.fact("orders-1", new Fact.WarmupEnded(100, 5, 2, "500"));
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void oneStartIsWarmedUpOnceOnly() {
    var rig = new Rig(Policies.warming()).join("orders-0", "orders-1");
    rig.serve("orders-0").fact("orders-0", new Fact.WarmupEnded(100, 0, 1, ""));
    rig.serve("orders-1").fact("orders-1", new Fact.WarmupEnded(100, 0, 1, ""));

    rig.fact("orders-1", new Fact.Probed(3, "timeout")).confirm("orders-1", 1);

    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void countersThatHoldOurOwnWarmUpRequestsAreNotUsersEvidence() {
    var rig = new Rig(Policies.warming()).join("orders-0", "orders-1");
    rig.serve("orders-0").fact("orders-0", new Fact.WarmupEnded(100, 0, 1, ""));
    rig.pass(Duration.ofSeconds(200)).serve("orders-1");
    long ended = rig.nanos() + Duration.ofSeconds(3).toNanos();
    rig.pass(Duration.ofSeconds(2)).fact("orders-1", new Fact.WarmupEnded(100, 0, ended, ""));

    rig.pass(Duration.ofMillis(100));

    assertThat(rig.live().pod(Rig.uid("orders-1")).watch().orElseThrow().base()).isEmpty();
  }

  @Test
  void afterARestartItPublishesWhatTheJournalSaysAndResumesWithItsPasses() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    rig.rate("orders-1", 400).serve("orders-1");
    while (rig.weight("orders-1") != 20) {
      rig.pass(Duration.ofMillis(100));
    }
    rig.pass(Duration.ofMillis(2_100));
    var before = rig.state();
    int passes = ((Stage.Climbing) rig.member("orders-1").stage()).climb().passes();
    int confirmed = rig.events(WorkloadEvent.Confirmed.class).size();

    rig.acknowledging(false).recover();

    assertThat(rig.state().table().entries()).isEqualTo(before.table().entries());
    assertThat(rig.state().term()).isEqualTo(before.term() + 1);
    assertThat(rig.effects()).contains(new Effect.Publish(rig.state().table()));
    assertThat(rig.effects()).contains(new Effect.Ask(Rig.uid("orders-1")));
    rig.pass(Duration.ofSeconds(30));
    assertThat(rig.weight("orders-1")).isEqualTo(20);
    rig.acknowledging(true);
    rig.start("orders-0").fact("orders-0", new Fact.Probed(0, ""));
    int passed = rig.events(WorkloadEvent.Passed.class).size();
    rig.serve("orders-1").pass(Duration.ofSeconds(5));
    assertThat(rig.events(WorkloadEvent.Passed.class).get(passed).inRow()).isEqualTo(passes + 1);
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.events(WorkloadEvent.Confirmed.class)).hasSize(confirmed);
  }

  @Test
  void downtimeDoesNotCountTowardsTheCeiling() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").scraping(false);
    rig.serve("orders-1").pass(Duration.ofSeconds(100));
    rig.recover().serve("orders-1");

    rig.pass(Duration.ofSeconds(100));

    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void aPlaneThatHasSeenALaterWriterSilencesThisOne() {
    var rig = new Rig(Policies.quick()).full("orders-0");

    rig.take(new Input.TableRefused("kernel", rig.state().term() + 1, 3));

    assertThat(rig.live().standing()).isEqualTo(Live.Standing.FENCED);
    assertThat(rig.effects()).isEmpty();
    assertThat(rig.verb(Verb.PAUSE).refusal()).isPresent();
  }

  @Test
  void aPublishIsOwedUntilEveryConnectedPlaneHoldsTheTable() {
    var rig = new Rig(Policies.quick()).full("orders-0");
    var table = rig.state().table();

    rig.acknowledging(false).take(new Input.SubscribersChanged(Set.of(Rig.PLANE, "second")));
    assertThat(rig.effects()).contains(new Effect.Publish(table));
    rig.take(new Input.TableApplied("second", table.term(), table.version()));
    assertThat(rig.effects()).doesNotContain(new Effect.Publish(table));
  }

  @Test
  void inObserveModeItIsFullFromListenAndTheLadderIsClimbedOnPaper() {
    var rig = new Rig(Policies.inMode(Mode.OBSERVE)).join("orders-0", "orders-1");
    rig.serve("orders-0");
    rig.start("orders-1").fact("orders-1", new Fact.Listening(true));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.last(WorkloadEvent.RungEntered.class).why()).isEqualTo(Why.OBSERVE_MODE);

    rig.confirm("orders-1", 1).errors("orders-1", 0.5).pass(Duration.ofSeconds(10));

    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.wouldHave()).hasAtLeastOneElementOfType(WorkloadEvent.WentBack.class);
    assertThat(rig.events(WorkloadEvent.WentBack.class)).isEmpty();
    assertThat(rig.promote("orders-1", true, true).refusal()).isPresent();
  }

  @Test
  void inGateModeItGoesFromNothingToFullOnceConfirmedAndWarm() {
    var rig = new Rig(Policies.inMode(Mode.GATE)).join("orders-0", "orders-1");
    rig.serve("orders-0").start("orders-1").fact("orders-1", new Fact.Listening(true));
    assertThat(rig.weight("orders-1")).isZero();

    rig.confirm("orders-1", 1);

    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.last(WorkloadEvent.RungEntered.class).why()).isEqualTo(Why.GATE_MODE);
  }

  private static Phase phase(Rig rig, String name) {
    return rig.effects().stream()
        .filter(Effect.Assign.class::isInstance)
        .map(Effect.Assign.class::cast)
        .filter(assign -> assign.pod().equals(Rig.uid(name)))
        .findFirst()
        .orElseThrow()
        .phase();
  }
}
