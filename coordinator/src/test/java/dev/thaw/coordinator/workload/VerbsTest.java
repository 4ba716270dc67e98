package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.Policies;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What operators may do, and what they are refused. */
class VerbsTest {

  @Test
  void pauseFreezesTheRungsButTheDeadStillLeave() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");

    assertThat(rig.verb(Verb.PAUSE).done()).contains("paused");
    rig.pass(Duration.ofMinutes(5));
    assertThat(rig.weight("orders-1")).isEqualTo(1);
    rig.fact("orders-1", new Fact.Exited("exit code 3"));
    assertThat(rig.weight("orders-1")).isZero();
  }

  @Test
  void pausedTimeDoesNotCountAndResumeGoesOn() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").scraping(false);
    rig.serve("orders-1").pass(Duration.ofSeconds(60));

    rig.verb(Verb.PAUSE, "orders-1");
    rig.pass(Duration.ofSeconds(300));
    rig.verb(Verb.RESUME, "orders-1");
    rig.pass(Duration.ofSeconds(59));
    assertThat(rig.weight("orders-1")).isEqualTo(1);

    rig.pass(Duration.ofSeconds(2));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
  }

  @Test
  void evenPausedSomebodyServesWhenNobodyElseDoes() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    rig.verb(Verb.PAUSE);
    rig.serve("orders-1");
    assertThat(rig.weight("orders-1")).isZero();

    rig.fact("orders-0", new Fact.Exited("signal 9"));

    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.last(WorkloadEvent.RungEntered.class).why()).isEqualTo(Why.NOTHING_WARM);
  }

  @Test
  void promoteIsTheNextRungNowAndFullIsAll() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");

    assertThat(rig.promote("orders-1", false, false).refusal()).isEmpty();
    assertThat(rig.weight("orders-1")).isEqualTo(5);
    rig.promote("orders-1", true, false);
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    assertThat(rig.last(WorkloadEvent.RungEntered.class).why()).isEqualTo(Why.OPERATOR_COMMAND);
    assertThat(rig.promote("orders-1", true, false).refusal()).contains("orders-1 is full already");
  }

  @Test
  void anUnconfirmedPodIsPromotedOnlyByForceAndOnlyIfItListens() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").start("orders-1");

    assertThat(rig.promote("orders-1", true, false).refusal()).isPresent();
    assertThat(rig.promote("orders-1", true, true).refusal()).contains("orders-1 does not listen");
    rig.fact("orders-1", new Fact.Listening(true));
    assertThat(rig.promote("orders-1", true, true).refusal()).isEmpty();

    assertThat(rig.weight("orders-1")).isEqualTo(100);
    rig.fact("orders-1", new Fact.Probed(3, "timeout"));
    assertThat(rig.weight("orders-1")).isEqualTo(100);
    rig.fact("orders-1", new Fact.NeverServed("timeout"));
    assertThat(rig.weight("orders-1")).isZero();
  }

  @Test
  void abortKeepsItAtNothingUntilPromoteOrRetry() {
    var rig = new Rig(Policies.quick()).full("orders-0").full("orders-1");

    rig.verb(Verb.ABORT, "orders-1");
    rig.confirm("orders-1", 1).pass(Duration.ofMinutes(10));
    assertThat(rig.weight("orders-1")).isZero();
    assertThat(rig.member("orders-1").stage()).isInstanceOf(Stage.Aborted.class);

    rig.verb(Verb.RETRY, "orders-1");
    assertThat(rig.weight("orders-1")).isEqualTo(1);
    rig.verb(Verb.ABORT, "orders-1");
    rig.promote("orders-1", false, false);
    assertThat(rig.weight("orders-1")).isEqualTo(1);
  }

  @Test
  void aWordThatWouldLeaveNoBackendIsRefusedAndChangesNothing() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1");
    int before = rig.journal().size();

    assertThat(rig.verb(Verb.ABORT, "orders-0").refusal())
        .contains("that would leave orders without a backend");
    assertThat(rig.verb(Verb.ABORT).refusal()).isPresent();

    assertThat(rig.journal()).hasSize(before);
  }

  @Test
  void aPodNobodyKnowsIsSaidSo() {
    var rig = new Rig(Policies.quick()).full("orders-0");

    assertThat(rig.verb(Verb.PAUSE, "orders-9").refusal().orElseThrow()).contains("orders-9");
  }

  @Test
  void retryWithNothingToRetryIsRefused() {
    var rig = new Rig(Policies.quick()).full("orders-0");

    assertThat(rig.verb(Verb.RETRY, "orders-0").refusal()).isPresent();
  }
}
