package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.coordinator.gate.Pressed;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From when on pressure counts, and when it does not. */
class StrainTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Watch WATCH =
      new Watch(1, 10 * SECOND, 0, 0, Optional.empty(), 0, Map.of(), Optional.empty());
  private static final Watch NEXT =
      new Watch(2, 20 * SECOND, 0, 0, Optional.empty(), 0, Map.of(), Optional.empty());

  private static Strain.Totals at(long second, long memory) {
    return new Strain.Totals(
        second * SECOND, second * SECOND, 3 * SECOND, Map.of(Pressure.MEMORY, memory));
  }

  @Test
  void whatPressedBeforeItsRungDoesNotCount() {
    Strain strain =
        Strain.first(at(9, 1_000_000), Optional.empty())
            .next(at(11, 5_000_000), Optional.of(WATCH))
            .next(at(13, 5_100_000), Optional.of(WATCH));

    assertThat(strain.pressed()).containsEntry(Pressure.MEMORY, new Pressed(100_000, 2));
    assertThat(strain.tells(WATCH, 14 * SECOND)).isTrue();
  }

  @Test
  void anotherRungBeginsAnew() {
    Strain strain =
        Strain.first(at(11, 0), Optional.of(WATCH))
            .next(at(19, 8_000_000), Optional.of(WATCH))
            .next(at(21, 9_000_000), Optional.of(NEXT));

    assertThat(strain.pressed()).isEmpty();
    assertThat(strain.tells(WATCH, 21 * SECOND)).isFalse();
    assertThat(strain.next(at(22, 9_500_000), Optional.of(NEXT)).pressed())
        .containsEntry(Pressure.MEMORY, new Pressed(500_000, 1));
  }

  @Test
  void staleTotalsAndTotalsThatWentBackTellNothing() {
    Strain strain = Strain.first(at(11, 500), Optional.of(WATCH));

    assertThat(strain.tells(WATCH, 14 * SECOND)).isTrue();
    assertThat(strain.tells(WATCH, 14 * SECOND + 1)).isFalse();
    assertThat(strain.next(at(12, 499), Optional.of(WATCH)).pressed()).isEmpty();
  }

  @Test
  void anOlderReportIsIgnored() {
    Strain strain = Strain.first(at(11, 500), Optional.of(WATCH));

    assertThat(strain.next(at(10, 9), Optional.of(WATCH))).isEqualTo(strain);
  }
}
