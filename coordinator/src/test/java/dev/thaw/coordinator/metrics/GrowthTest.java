package dev.thaw.coordinator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a total that somebody else keeps has grown by. */
class GrowthTest {
  private final Growth growth = new Growth();

  @Test
  void whatGrewBeforeAnybodyLookedDoesNotCount() {
    assertThat(growth.of("a", 100)).isZero();
    assertThat(growth.of("a", 107)).isEqualTo(7);
    assertThat(growth.of("a", 107)).isZero();
  }

  @Test
  void aTotalThatWentDownBeganAnew() {
    growth.of("a", 100);

    assertThat(growth.of("a", 3)).isEqualTo(3);
    assertThat(growth.of("a", 5)).isEqualTo(2);
  }

  @Test
  void everySeriesGrowsByItself() {
    growth.of("a", 100);

    assertThat(growth.of("b", 5)).isZero();
    assertThat(growth.of("a", 101)).isEqualTo(1);
  }
}
