package dev.thaw.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpreadTest {

  @Test
  void aQuantileIsTheSmallestSampleThatEnoughSamplesDoNotExceed() {
    var hundred = Spread.of(IntStream.rangeClosed(1, 100).mapToObj(i -> (double) i).toList());

    assertThat(hundred.quantile(0.5)).isEqualTo(50);
    assertThat(hundred.quantile(0.99)).isEqualTo(99);
    assertThat(hundred.quantile(1)).isEqualTo(100);
    assertThat(hundred.quantile(0)).isEqualTo(1);
  }

  @Test
  void theOrderOfSamplesDoesNotMatter() {
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0)).sorted()).containsExactly(1, 2, 3);
  }

  @Test
  void refusesAQuantileOfNothing() {
    assertThatThrownBy(() -> Spread.of(List.of()).quantile(0.5)).hasMessageContaining("no samples");
  }
}
