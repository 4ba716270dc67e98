package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.workload.TableTimes.Applied;
import org.junit.jupiter.api.Test;

class TableTimesTest {
  private final TableTimes times = new TableTimes();

  @Test
  void aTableIsInForceWithItsFirstPickWhichMayComeBeforeTheKernelsYes() {
    times.persisted(7, 1_000);

    var atFirst = times.applied(new Applied(7, 1_100, 1_900, 0));
    var later = times.applied(new Applied(7, 1_100, 1_900, 1_500));

    assertThat(atFirst).isEmpty();
    assertThat(later).hasValue(500);
    assertThat(times.latest())
        .singleElement()
        .satisfies(
            time -> {
              assertThat(time.mapWait()).hasValue(800);
              assertThat(time.applied()).hasValue(900);
              assertThat(time.inForce()).hasValue(500);
            });
  }

  @Test
  void aFirstPickIsNewsOnce() {
    times.persisted(7, 1_000);
    times.applied(new Applied(7, 1_100, 1_900, 1_500));

    assertThat(times.applied(new Applied(7, 1_100, 1_900, 1_500))).isEmpty();
  }

  @Test
  void whatNobodyHasAppliedYetTookNoTime() {
    times.persisted(7, 1_000);

    assertThat(times.latest())
        .singleElement()
        .satisfies(
            time -> {
              assertThat(time.mapWait()).isEmpty();
              assertThat(time.applied()).isEmpty();
              assertThat(time.inForce()).isEmpty();
            });
  }

  @Test
  void aTableTheKernelHadAlreadyCostTheWriterNoWait() {
    times.persisted(7, 1_000);
    times.applied(new Applied(7, 0, 1_900, 0));

    assertThat(times.latest()).allSatisfy(time -> assertThat(time.mapWait()).isEmpty());
  }

  @Test
  void ofATableDecidedByAPredecessorNothingIsSaid() {
    assertThat(times.applied(new Applied(6, 1_100, 1_900, 1_500))).isEmpty();
    assertThat(times.latest()).isEmpty();
  }

  @Test
  void onlyTheLatestAreKept() {
    for (int version = 1; version <= TableTimes.KEPT + 3; version++) {
      times.persisted(version, version);
    }

    assertThat(times.latest()).hasSize(TableTimes.KEPT);
    assertThat(times.latest().get(0).version()).isEqualTo(4);
  }
}
