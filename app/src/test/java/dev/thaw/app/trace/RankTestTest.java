package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.thaw.app.trace.RankTest.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankTestTest {

  /** Tables of U name 138 for 5 %, 127 for 2.5 % with 20 and 20, and 13 for 2.5 % with 8 and 8. */
  @ParameterizedTest
  @CsvSource({
    "20, 138, 0.048250",
    "20, 139, 0.051080",
    "20, 127, 0.024545",
    "20, 128, 0.026200",
    "8, 13, 0.024942",
    "8, 15, 0.041492"
  })
  void theChanceOfAnOrderIsThatOfThePublishedTables(int size, int u, double chance) {
    Stratum stratum = withU(size, size, u);

    assertThat(RankTest.chanceOfSlower(List.of(stratum))).isCloseTo(chance, within(1e-6));
  }

  @Test
  void whereCountingEndsTheNormalDistributionSaysTheSame() {
    for (int u = 0; u <= 31 * 31; u += 31) {
      List<Stratum> strata = List.of(withU(31, 31, u));

      assertThat(RankTest.approximated(strata))
          .as("U = %d", u)
          .isCloseTo(RankTest.counted(strata), within(2e-3));
    }
  }

  @Test
  void tiesMakeTheSumOfRanksLessWide() {
    var random = new Random(20_260_102);
    for (int i = 0; i < 20; i++) {
      List<Stratum> strata = List.of(new Stratum(few(random, 0), few(random, i % 3)));

      assertThat(RankTest.approximated(strata)).isCloseTo(RankTest.counted(strata), within(3e-3));
    }
  }

  /** Of twenty values only. */
  private static List<Long> few(Random random, int more) {
    var values = new ArrayList<Long>();
    for (int i = 0; i < 30; i++) {
      values.add((long) random.nextInt(20) + 2 * more);
    }
    return values;
  }

  /** 50 against 50 with U = 1000 counts to 0.0427256, 200 against 200 is 1.73 deviations off. */
  @Test
  @Timeout(60)
  void hundredsOfStartsAreNoMatterOfMinutesOrOfGigabytes() {
    assertThat(RankTest.chanceOfSlower(List.of(withU(50, 50, 1000))))
        .isCloseTo(0.0427256, within(1e-3));
    assertThat(RankTest.chanceOfSlower(List.of(withU(200, 200, 18_000))))
        .isCloseTo(0.0418, within(1e-3));
    assertThat(RankTest.chanceOfSlower(List.of(withU(10, 200, 700))))
        .isCloseTo(0.0555546, within(2e-3));
  }

  @Test
  void strataAddUpWhatEachAloneIsTooSmallToShow() {
    var apart = new Stratum(List.of(1L, 2L, 3L), List.of(4L, 5L, 6L));

    assertThat(RankTest.chanceOfSlower(List.of(apart))).isCloseTo(1 / 20.0, within(1e-12));
    assertThat(RankTest.chanceOfSlower(List.of(apart, apart))).isCloseTo(1 / 400.0, within(1e-12));
  }

  @Test
  void onlyLikeIsRankedWithLike() {
    // as one sample of four and four nothing would be seen: the second stratum is all higher
    var low = new Stratum(List.of(1L, 2L, 3L), List.of(4L, 5L, 6L));
    var high = new Stratum(List.of(1001L, 1002L, 1003L), List.of(1004L, 1005L, 1006L));

    assertThat(RankTest.chanceOfSlower(List.of(low, high))).isCloseTo(1 / 400.0, within(1e-12));
  }

  /** Two samples without ties in which {@code u} pairs are the wrong way round. */
  private static Stratum withU(int before, int after, int u) {
    var low = new ArrayList<Long>();
    for (int i = 0; i < before; i++) {
      low.add(1000L * i);
    }
    var high = new ArrayList<Long>();
    int left = u;
    for (int j = 0; j < after; j++) {
      int below = Math.min(before, left); // so many of the others are higher
      left -= below;
      high.add(1000L * (before - below) - 500 + j);
    }
    return new Stratum(low, high);
  }
}
