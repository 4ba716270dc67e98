package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a connection is warm. */
class WarmthTest {
  @Test
  void aConnectionIsWarmOnlyByAnswersInARow() {
    Warmth warmth = Warmth.cold(3).after(9, 10).after(9, 10);
    assertThat(warmth.isWarm()).isFalse();
    assertThat(warmth.after(9, 10).isWarm()).isTrue();
    assertThat(warmth.after(10, 10).after(9, 10).after(9, 10).isWarm()).isFalse();
  }
}
