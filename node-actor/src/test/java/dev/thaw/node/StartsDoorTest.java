package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StartsDoorTest {
  private static final long MILLI = Duration.ofMillis(1).toNanos();

  /** As of a machine that has run for long. */
  private static final long T0 = Long.MAX_VALUE - 50 * MILLI;

  private final StartsDoor door = new StartsDoor(T0);

  @Test
  void aFloodIsLetInByRounds() {
    for (int i = 0; i < StartsDoor.AT_ONCE; i++) {
      assertThat(door.shutFor(T0 + 40 * MILLI)).isZero();
      door.came(T0 + 40 * MILLI);
    }

    assertThat(door.shutFor(T0 + 40 * MILLI)).isEqualTo(60 * MILLI);
    assertThat(door.shutFor(T0 + 100 * MILLI)).isZero();
  }

  @Test
  void whoComesNowAndThenFindsItOpen() {
    for (int i = 0; i < 1000; i++) {
      assertThat(door.shutFor(T0 + i * 10 * MILLI)).isZero();
      door.came(T0 + i * 10 * MILLI);
    }
  }

  @Test
  void whereThereIsNoRoomTheNextIsTriedASecondLater() {
    door.noRoom(T0);

    assertThat(door.shutFor(T0 + 999 * MILLI)).isEqualTo(MILLI);
    assertThat(door.shutFor(T0 + 1000 * MILLI)).isZero();
  }
}
