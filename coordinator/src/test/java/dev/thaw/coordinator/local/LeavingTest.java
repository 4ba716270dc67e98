package dev.thaw.coordinator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeavingTest {
  private final Replica oldest = replica(0);
  private final Replica middle = replica(1);
  private final Replica youngest = replica(2);
  private final List<Replica> all = List.of(oldest, middle, youngest);

  private static Replica replica(int index) {
    var name = new PodName("orders-" + index);
    return new Replica(
        index, new PodUid(name + ".run"), name, new Endpoint("127.101.1." + (1 + index), 8080));
  }

  @Test
  void theYoungestGoFirst() {
    assertThat(Leaving.first(all, 2, Set.of())).containsExactly(youngest, middle);
    assertThat(Leaving.first(all, 0, Set.of())).isEmpty();
    assertThat(Leaving.first(all, -1, Set.of())).isEmpty();
  }

  @Test
  void whoHasTrafficGoesAfterWhoHasNone() {
    Set<PodUid> serving = Set.of(youngest.uid);
    assertThat(Leaving.first(all, 2, serving)).containsExactly(middle, oldest);
  }

  @Test
  void theOnlyOneWithTrafficLeavesNobody() {
    Set<PodUid> serving = Set.of(middle.uid);
    assertThat(Leaving.leavesNobody(middle, all, serving)).isTrue();
    assertThat(Leaving.leavesNobody(oldest, all, serving)).isFalse();
    assertThat(Leaving.leavesNobody(oldest, all, Set.of())).isFalse();
  }

  @Test
  void whoIsBeingRestartedIsNotCountedOn() {
    Set<PodUid> serving = Set.of(oldest.uid, middle.uid);
    assertThat(Leaving.leavesNobody(middle, all, serving)).isFalse();
    oldest.plan = Replica.Plan.RESTART;
    assertThat(Leaving.leavesNobody(middle, all, serving)).isTrue();
  }
}
