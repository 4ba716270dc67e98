package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final String FIRST_200 = Measures.FIRST_200;

  @Test
  void aBuildWhoseStartsAllRankHigherIsSlower() {
    var row = only(millis(100, 101, 102, 103, 104), millis(150, 151, 152, 153, 154));

    assertThat(row.slower()).isTrue();
    assertThat(row.decides()).isTrue();
    assertThat(row.sentence())
        .isEqualTo(
            "exec to first 200 got slower: 152 ms, was 102 ms (+49 %; n = 5 and 5, p = 0.004)");
  }

  @Test
  void oneSlowStartIsAnAccident() {
    assertThat(only(millis(100, 101, 102, 103, 104), millis(100, 101, 102, 103, 900)).slower())
        .isFalse();
  }

  @Test
  void aBuildThatWasSlowerByChanceIsNotSaidNotToHaveBeen() {
    var row = only(millis(10, 11, 11, 12, 30), millis(9, 20, 22, 23, 24));

    assertThat(row.slower()).isFalse();
    assertThat(row.sentence())
        .startsWith("exec to first 200 was slower, but not beyond chance: 22.0 ms, was 11.0 ms");
    assertThat(only(millis(10, 11, 12, 13), millis(10, 11, 12, 13)).sentence())
        .contains("did not get slower");
  }

  @Test
  void aClearDifferenceNobodyWouldFeelIsNone() {
    assertThat(
            only(millis(1000, 1001, 1002, 1003, 1004), millis(1005, 1006, 1007, 1008, 1009))
                .slower())
        .isFalse();
  }

  @Test
  void aFasterBuildIsNotSlower() {
    assertThat(only(millis(150, 151, 152, 153, 154), millis(100, 101, 102, 103, 104)).slower())
        .isFalse();
  }

  @Test
  void whatOnlyExplainsDoesNotDecide() {
    var rows =
        Comparison.of(
            Map.of("init of main", millis(10, 11, 12, 13, 14)),
            Map.of("init of main", millis(50, 51, 52, 53, 54), "init of new", millis(1)));

    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).slower()).isTrue();
    assertThat(rows.get(0).decides()).isFalse();
  }

  @Test
  void threeStartsAgainstThreeCannotShowADifference() {
    assertThat(Comparison.tooFew(3, 3)).isTrue();
    assertThat(Comparison.tooFew(4, 4)).isFalse();
    assertThat(Comparison.tooFew(0, 4)).isTrue();
  }

  private static Comparison.Row only(List<Long> before, List<Long> after) {
    return Comparison.of(Map.of(FIRST_200, before), Map.of(FIRST_200, after)).get(0);
  }

  private static List<Long> millis(long... values) {
    return LongStream.of(values).map(value -> value * Starts.MS).boxed().toList();
  }
}
