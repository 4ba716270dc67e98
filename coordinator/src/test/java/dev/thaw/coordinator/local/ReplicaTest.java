package dev.thaw.coordinator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import org.junit.jupiter.api.Test;

/** Whose end is whose. */
class ReplicaTest {
  private static final PodUid UID = new PodUid("orders-0.r1");
  private static final PodName NAME = new PodName("orders-0");
  private static final Endpoint ENDPOINT = new Endpoint("127.101.0.1", 8080);

  @Test
  void theEndOfAnEarlierStartToldAgainIsNotThatOfTheNextOne() {
    var replica = new Replica(0, UID, NAME, ENDPOINT);
    replica.starting();
    assertThat(replica.ends("boot:1:1")).isTrue();
    replica.alive = false;

    replica.starting();

    assertThat(replica.ends("boot:1:1")).isFalse();
    assertThat(replica.ends("boot:2:2")).isTrue();
  }

  @Test
  void theEndOfWhatAKilledRunLeftCountsThoughNobodyHasToldOfItsStart() {
    Replica replica = Replica.adopted(new LocalRun.Adopted(UID, NAME, ENDPOINT));

    assertThat(replica.ends("boot:1:1")).isTrue();
  }
}
