package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Where latency stops falling. */
class LatencyPlateauTest {
  private static final double TOLERANCE = 0.05;

  @Property
  void latencyThatNeverFellIsAPlateauAfterThreeWindows(
      @ForAll @IntRange(min = 1, max = 100) int window) {
    var plateau = new LatencyPlateau(window, TOLERANCE);

    int answers = untilReached(plateau, 1_000, answer -> 5_000_000);

    assertThat(answers).isEqualTo(3 * window);
    assertThat(plateau.after()).isEqualTo(3 * window);
    assertThat(plateau.begin()).isZero();
  }

  @Property
  void whileEachWindowFallsByMoreThanTheToleranceThereIsNone(
      @ForAll @IntRange(min = 2, max = 50) int window,
      @ForAll @DoubleRange(min = 0.06, max = 0.9) double fall) {
    var plateau = new LatencyPlateau(window, TOLERANCE);

    int answers =
        untilReached(plateau, 12 * window, answer -> 1e15 * Math.pow(1 - fall, answer / window));

    assertThat(answers).isZero();
    assertThat(plateau.after()).isZero();
  }

  @Property
  void aFallThatEndsIsFoundWithinFourWindowsWhateverTheNoise(
      @ForAll long seed,
      @ForAll @IntRange(min = 9, max = 60) int window,
      @ForAll @IntRange(min = 0, max = 12) int fallingWindows) {
    var random = new SplittableRandom(seed);
    var plateau = new LatencyPlateau(window, TOLERANCE);

    int answers =
        untilReached(
            plateau,
            100 * window,
            answer -> {
              int falls = Math.max(0, fallingWindows - answer / window);
              return 1e6 * Math.pow(2, falls) * (1 + 0.01 * random.nextDouble());
            });

    assertThat(answers)
        .isGreaterThan(fallingWindows * window)
        .isLessThanOrEqualTo((fallingWindows + 4) * window);
  }

  @Example
  void aSingleLullIsNoPlateau() {
    var plateau = new LatencyPlateau(1, TOLERANCE);

    assertThat(plateau.reachedWith(100)).isFalse();
    assertThat(plateau.reachedWith(100)).isFalse();
    assertThat(plateau.reachedWith(50)).isFalse();
    assertThat(plateau.reachedWith(50)).isFalse();
    assertThat(plateau.reachedWith(50)).isTrue();
    assertThat(plateau.begin()).as("answers before it").isEqualTo(2);
  }

  private interface Latency {
    double of(int answer);
  }

  /** How many answers it took; 0 if it was not reached. */
  private static int untilReached(LatencyPlateau plateau, int most, Latency latency) {
    for (int answer = 0; answer < most; answer++) {
      if (plateau.reachedWith((long) latency.of(answer))) {
        return answer + 1;
      }
    }
    return 0;
  }
}
