package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GridTest {

  @Test
  void theLimitThatChangesTheStartMostIsNamedWithItsFactor() {
    Grid grid =
        Grid.of(
            List.of(
                cell("100m", "512Mi", 1200), cell("400m", "512Mi", 400),
                cell("100m", "2Gi", 1210), cell("400m", "2Gi", 390)));

    assertThat(grid.sentence())
        .startsWith(
            "The start is most sensitive to CPU: from 100m to 400m the first 200 comes 3.01 times as fast (p = 0.000); memory made no difference beyond chance (from 512Mi");
    assertThat(grid.effects()).extracting(LimitEffect::limit).containsExactly("CPU", "memory");
  }

  @Test
  void moreMemoryThatMakesItSlowerIsSaidToDoSo() {
    Grid grid = Grid.of(List.of(cell("", "512Mi", 1000), cell("", "2Gi", 1500)));

    assertThat(grid.sentence())
        .isEqualTo(
            "The start is most sensitive to memory: from 512Mi to 2Gi the first 200 takes 1.50 times as long (p = 0.000).");
  }

  @Test
  void aDifferenceWithinChanceIsNone() {
    Grid grid = Grid.of(List.of(cell("100m", "", 1000), cell("400m", "", 1000)));

    assertThat(grid.sentence()).startsWith("No limit made a difference beyond chance");
  }

  /** As seen: every start at 100m slower than every start at 1, three in each of four cells. */
  @Test
  void cellsThatDifferByOneLimitAddUpTheirEvidence() {
    Grid grid =
        Grid.of(
            List.of(
                cell("100m", "4Mi", 700, 705, 710), cell("1", "4Mi", 285, 288, 324),
                cell("100m", "512Mi", 686, 691, 699), cell("1", "512Mi", 300, 324, 330)));

    assertThat(grid.sentence())
        .startsWith("The start is most sensitive to CPU: from 100m to 1 the first 200 comes 2.2");
    assertThat(grid.effects().get(0).chance()).isCloseTo(2 / 400.0, within(1e-9));
  }

  @Test
  void startsTooFewToShowAnythingAreSaidToBe() {
    assertThat(Grid.of(List.of(cell("100m", "", 700, 705, 710), cell("1", "", 1, 2, 3))).sentence())
        .startsWith("So few starts cannot show a difference")
        .contains("p = 0.100");
  }

  /**
   * Four against four can show no difference where two limits share 5 %; those that failed help
   * none.
   */
  @Test
  void besideStartsThatAllFailTheOtherLimitIsNotSaidToMakeNoDifference() {
    Grid grid =
        Grid.of(
            List.of(
                Grid.Cell.of("100m", "16Mi", killed(4)), Grid.Cell.of("1", "16Mi", killed(4)),
                cell("100m", "2Gi", 700, 705, 710, 715), cell("1", "2Gi", 200, 205, 210, 215)));

    assertThat(grid.sentence())
        .contains("; CPU cannot be shown to make a difference by so few starts (from 100m to 1");
  }

  @Test
  void aLimitThatLetsStartsFailIsWhatTheStartIsMostSensitiveTo() {
    var tight = new ArrayList<>(killed(9));
    tight.add(run(100)); // the one that came through is as fast as ever
    Grid grid =
        Grid.of(
            List.of(
                Grid.Cell.of("100m", "64Mi", tight),
                Grid.Cell.of("1", "64Mi", tight),
                cell("100m", "2Gi", 300, 301, 302, 303, 304, 305, 306, 307, 308, 309),
                cell("1", "2Gi", 100, 101, 102, 103, 104, 105, 106, 107, 108, 109)));

    assertThat(grid.sentence())
        .startsWith(
            "The start is most sensitive to memory: at 64Mi 18 of 20 did not answer (18 killed for want of memory), at 2Gi all 20 starts answered")
        .contains("18 starts did not answer in time and rank as the slowest");
    Grid.Cell cell = grid.cells().get(0);
    assertThat(cell.p50().value()).isEmpty();
    assertThat(cell.p50().low()).isEmpty();
    assertThat(cell.p99().value()).isEmpty();
  }

  @Test
  void aLevelAtWhichEveryStartFailsIsComparedToo() {
    Grid grid =
        Grid.of(
            List.of(
                Grid.Cell.of("", "8Mi", killed(8)), cell("", "64Mi", 200), cell("", "2Gi", 100)));

    assertThat(grid.sentence())
        .startsWith(
            "The start is most sensitive to memory: at 8Mi 8 of 8 did not answer (8 killed for want of memory), at 64Mi all 8 starts answered, at 2Gi all 8");
  }

  @Test
  void aStartThatDidNotAnswerIsSlowerThanAllThatDid() {
    Grid.Cell cell =
        Grid.Cell.of(
            "100m",
            "8Mi",
            List.of(run(5), run(6), run(7), new Grid.Run(OptionalLong.empty(), 9 * MS, true)));

    assertThat(cell.values()).containsExactly(5 * MS, 6 * MS, 7 * MS);
    assertThat(cell.failed()).isEqualTo(1);
    assertThat(cell.killed()).isEqualTo(1);
    assertThat(cell.p50().value()).hasValue(6 * MS);
    assertThat(cell.p95().value()).isEmpty();
    assertThat(Grid.of(List.of(cell)).sentence())
        .isEqualTo(
            "With one cell there is nothing to compare. 1 start did not answer in time and ranks as the slowest.");
  }

  @Test
  void whereNothingAnsweredNothingIsCompared() {
    assertThat(
            Grid.of(List.of(Grid.Cell.of("100m", "", killed(4)), Grid.Cell.of("1", "", killed(4))))
                .sentence())
        .isEqualTo("No start answered under any of these limits.");
  }

  @Test
  void amountsOfMemoryAreReadAsKubernetesWritesThem() {
    assertThat(MemorySize.parse("512Mi").bytes()).isEqualTo(512L << 20);
    assertThat(MemorySize.parse("2Gi")).isEqualTo(new MemorySize("2Gi", 2L << 30));
    assertThat(MemorySize.parse("300M").bytes()).isEqualTo(300_000_000);
    for (String wrong : List.of("", "0", "2", "1Mi", "-1Gi", "2 Gi", "2Ti", "999999999Gi")) {
      assertThatThrownBy(() -> MemorySize.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected");
    }
  }

  private static Grid.Cell cell(String cpu, String memory, long around) {
    return cell(cpu, memory, LongStream.range(0, 8).map(each -> around + each * 3).toArray());
  }

  private static Grid.Cell cell(String cpu, String memory, long... millis) {
    return Grid.Cell.of(cpu, memory, LongStream.of(millis).mapToObj(GridTest::run).toList());
  }

  private static Grid.Run run(long millis) {
    return new Grid.Run(OptionalLong.of(millis * MS), 10 * MS, false);
  }

  private static List<Grid.Run> killed(int times) {
    return Collections.nCopies(times, new Grid.Run(OptionalLong.empty(), 10 * MS, true));
  }
}
