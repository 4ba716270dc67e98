package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.thaw.config.PolicyReader;
import dev.thaw.config.WarmupPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {

  @Test
  void aQuantileIsOneOfTheValues() {
    assertThat(Quantiles.of(List.of(30L, 10L, 20L), 0.5)).isEqualTo(20);
    assertThat(Quantiles.of(List.of(1L, 2L, 3L, 4L), 0.99)).isEqualTo(4);
    assertThat(Quantiles.of(List.of(7L), 0.01)).isEqualTo(7);
  }

  @Test
  void theMediansIntervalIsTheBinomials() {
    // n = 10: ranks 2 and 9 hold the median with 97.9 %, narrower ones with less than 95 %
    var interval = Quantiles.interval(LongStream.rangeClosed(1, 10).boxed().toList(), 0.5);

    assertThat(interval.low()).isEqualTo(2);
    assertThat(interval.high()).isEqualTo(9);
    assertThat(interval.confidence()).isCloseTo(0.9785, within(0.0001));
  }

  @Test
  void fewStartsSayHowLittleTheyAreSureOf() {
    var interval = Quantiles.interval(List.of(5L, 6L, 7L), 0.99);

    assertThat(interval.high()).isEqualTo(7);
    assertThat(interval.confidence()).isLessThan(0.05);
  }

  @Test
  void allHigherHasTheChanceOfOneChoiceOfRanks() {
    double chance = RankTest.chanceOfSlower(List.of(1L, 2L, 3L, 4L), List.of(5L, 6L, 7L, 8L));

    assertThat(chance).isCloseTo(1.0 / 70, within(1e-12));
  }

  @Test
  void equalSamplesAreNoSurprise() {
    assertThat(RankTest.chanceOfSlower(List.of(5L, 5L, 5L), List.of(5L, 5L, 5L)))
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void tiesShareTheMiddleOfTheirRanks() {
    // ranks 1, 2.5, 2.5, 4: of the 6 choices of two, 2.5 + 4 or more comes from two
    assertThat(RankTest.chanceOfSlower(List.of(1L, 2L), List.of(2L, 3L)))
        .isCloseTo(2.0 / 6, within(1e-12));
  }

  @Test
  void samplesOfOneKindAreCalledSlowerAsRarelyAsPromised() {
    var random = new Random(20_260_101);
    int alarms = 0;
    int trials = 2_000;
    for (int i = 0; i < trials; i++) {
      if (RankTest.chanceOfSlower(draw(random), draw(random)) <= 0.05) {
        alarms++;
      }
    }

    assertThat(alarms / (double) trials).isLessThan(0.06);
  }

  private static List<Long> draw(Random random) {
    var values = new ArrayList<Long>();
    for (int i = 0; i < 6; i++) {
      values.add((long) (random.nextGaussian() * 1000));
    }
    return values;
  }

  @Test
  void bucketsDoubleAndBeginWhereThereIsSomething() {
    assertThat(Log2Histogram.of(List.of(1_000L, 5_000L, 7_900L, 16_000L)))
        .containsExactly(
            new Log2Histogram.Bucket(1, 1),
            new Log2Histogram.Bucket(2, 0),
            new Log2Histogram.Bucket(4, 2),
            new Log2Histogram.Bucket(8, 0),
            new Log2Histogram.Bucket(16, 1));
    assertThat(Log2Histogram.of(List.of())).isEmpty();
  }

  @Test
  void thePlateauBeginsWhereThreeWindowsDoNotFall() {
    var latencies = new ArrayList<Long>();
    for (int i = 0; i < 40; i++) {
      latencies.add(50_000_000L - 1_000_000L * i);
    }
    assertThat(Plateau.begin(latencies)).isEqualTo(-1);
    for (int i = 0; i < 60; i++) {
      latencies.add(2_000_000L + 10_000 * (i % 7));
    }

    assertThat(Plateau.begin(latencies)).isEqualTo(40);
  }

  @Test
  void slowRequestsAtItsBeginAreNotOfThePlateau() {
    var latencies = new ArrayList<Long>();
    for (int i = 0; i < 60; i++) {
      latencies.add(i == 0 || i == 2 ? 80_000_000L : 2_000_000L);
    }

    assertThat(Plateau.begin(latencies)).isEqualTo(3);
  }

  /** Somebody who reads a trace and then writes a policy gets one number for one word. */
  @Test
  void thePlateauIsThatOfAPolicyWithoutFiguresOfItsOwn() {
    String policy =
        """
        apiVersion: thaw.dev/v1alpha1
        kind: WarmupPolicy
        metadata: { name: orders }
        spec:
          service: "127.100.0.1:8080"
          warmup: { until: plateau, requests: [{ path: / }] }
        """;

    assertThat(PolicyReader.read(policy, Path.of("p.yaml")).policy())
        .flatMap(WarmupPolicy::warmup)
        .flatMap(WarmupPolicy.Warmup::plateau)
        .contains(new WarmupPolicy.Plateau(Plateau.WINDOW, Plateau.TOLERANCE));
  }
}
