package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.Policies;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of what was counted, however long somebody is watched. */
class SamplesTest {

  @Test
  void ofAPeersSamplesTheLastFewStayAndTheOneWithWhichAWatchBegins() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    while (rig.weight("orders-1") != 5) {
      rig.pass(Duration.ofMillis(100));
    }
    rig.verb(Verb.PAUSE, "orders-1");
    rig.pass(Duration.ofMinutes(10));

    Watch watch = rig.live().pod(Rig.uid("orders-1")).watch().orElseThrow();
    List<Sample> kept = rig.live().pod(Rig.uid("orders-0")).recent();

    assertThat(kept).hasSizeLessThanOrEqualTo(5);
    assertThat(rig.nanos() - kept.get(0).arrived()).isLessThanOrEqualTo(1_000_000_000L);
    assertThat(kept.get(kept.size() - 1).arrived() - watch.begun())
        .as("the watch's beginning")
        .isBetween(-500_000_000L, 1_000_000_000L);
  }

  @Test
  void whoIsComparedForLongIsStillComparedWithItsPeersFromTheBeginning() {
    var rig = new Rig(Policies.quick()).full("orders-0").join("orders-1").serve("orders-1");
    while (rig.weight("orders-1") != 5) {
      rig.pass(Duration.ofMillis(100));
    }
    rig.verb(Verb.PAUSE, "orders-1");
    rig.pass(Duration.ofMinutes(10));

    rig.verb(Verb.RESUME, "orders-1");
    rig.pass(Duration.ofSeconds(30));

    assertThat(rig.weight("orders-1")).isEqualTo(100);
  }
}
