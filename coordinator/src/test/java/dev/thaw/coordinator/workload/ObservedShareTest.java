package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.workload.Input.Picks;
import dev.thaw.coordinator.workload.Input.PicksCounted;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservedShareTest {

  private static PicksCounted counted(long version, long first, long second) {
    return new PicksCounted(version, List.of(new Picks(0, first, 0), new Picks(1, second, 0)));
  }

  @Test
  void whatIsNewBetweenTwoCountsOfOneTableCounts() {
    ObservedShare share =
        ObservedShare.NONE.counted(counted(7, 100, 5)).counted(counted(7, 140, 7));
    assertThat(share.latest()).containsEntry(0, 40L).containsEntry(1, 2L);
  }

  @Test
  void anotherTableBeginsAtZero() {
    ObservedShare share = ObservedShare.NONE.counted(counted(7, 100, 5)).counted(counted(8, 30, 3));
    assertThat(share.latest()).containsEntry(0, 30L).containsEntry(1, 3L);
  }
}
