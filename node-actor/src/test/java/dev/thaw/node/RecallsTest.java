package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecallsTest {
  private final Recalls recalls = new Recalls();

  @Test
  void procIsLookedAtOnceBehindAHundredPods() {
    for (int pod = 0; pod < 100; pod++) {
      recalls.begins();
    }
    for (int pod = 1; pod < 100; pod++) {
      assertThat(recalls.ended()).isEqualTo(Recalls.Next.NOTHING);
    }

    assertThat(recalls.ended()).isEqualTo(Recalls.Next.LOOK);
  }

  @Test
  void whatIsMissedInARoundIsAskedForOnceBehindIt() {
    recalls.begins();
    recalls.begins();

    assertThat(recalls.missed()).isFalse();
    assertThat(recalls.missed()).isFalse();
    assertThat(recalls.ended()).isEqualTo(Recalls.Next.NOTHING);
    assertThat(recalls.ended()).isEqualTo(Recalls.Next.RECALL_ALL);

    recalls.begins();
    assertThat(recalls.ended()).isEqualTo(Recalls.Next.LOOK);
  }

  @Test
  void whatIsMissedBetweenRoundsIsAskedForAtOnce() {
    assertThat(recalls.missed()).isTrue();

    recalls.begins();
    assertThat(recalls.ended()).isEqualTo(Recalls.Next.LOOK);
  }
}
