package dev.thaw.coordinator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.persistence.Birth;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import org.junit.jupiter.api.Test;

/** What people are told of a pod that has its weight while its probe fails, as in observe mode. */
class StatusTest {
  private static final StartId START = new StartId("boot:1:1");
  private static final StartFacts FACTS = StartFacts.of(START, 1, 0, 60, "");

  private static final Member FULL =
      new Member(
          new PodUid("uid-0"),
          new PodName("orders-0"),
          0,
          new Endpoint("127.101.0.1", 8080),
          new Stage.Settled(Birth.of(START)),
          false);

  @Test
  void itsProbesPresentErrorStandsBesideItsState() {
    StartFacts failing = FACTS.probed(new Fact.Probed(2, "BAD_STATUS: it answered 500"));

    assertThat(Status.of(FULL, new PodState.Confirming(failing)))
        .isEqualTo(new Status("full", "", "BAD_STATUS: it answered 500"));
  }

  @Test
  void anErrorThatIsOverIsNoMoreSaid() {
    StartFacts mended =
        FACTS
            .probed(new Fact.Probed(2, "BAD_STATUS: it answered 500"))
            .probed(new Fact.Probed(0, ""));

    assertThat(Status.of(FULL, new PodState.Confirming(mended)))
        .isEqualTo(new Status("full", "", ""));
    assertThat(Status.of(FULL, new PodState.Started(FACTS))).isEqualTo(new Status("full", "", ""));
  }
}
