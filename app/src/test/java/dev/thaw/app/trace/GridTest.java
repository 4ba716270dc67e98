package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
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
            "The start is most sensitive to CPU: from 100m to 400m the first 200 comes 3.01 times as fast; memory made no difference beyond chance");
    assertThat(grid.effects()).extracting(Grid.Effect::limit).containsExactly("CPU", "memory");
  }

  @Test
  void moreMemoryThatMakesItSlowerIsSaidToDoSo() {
    Grid grid = Grid.of(List.of(cell("", "512Mi", 1000), cell("", "2Gi", 1500)));

    assertThat(grid.sentence())
        .isEqualTo(
            "The start is most sensitive to memory: from 512Mi to 2Gi the first 200 takes 1.50 times as long.");
  }

  @Test
  void aDifferenceWithinChanceIsNone() {
    Grid grid = Grid.of(List.of(cell("100m", "", 1000), cell("400m", "", 1000)));

    assertThat(grid.sentence()).startsWith("No limit made a difference beyond chance");
  }

  @Test
  void startsThatNeverAnswerAreCountedApart() {
    Grid.Cell cell =
        Grid.Cell.of(
            "100m",
            "8Mi",
            List.of(
                new Grid.Run(OptionalLong.of(5 * MS), 2 * MS, false),
                new Grid.Run(OptionalLong.empty(), 9 * MS, true)));

    assertThat(cell.values()).containsExactly(5 * MS);
    assertThat(cell.failed()).isEqualTo(1);
    assertThat(cell.killed()).isEqualTo(1);
    assertThat(Grid.of(List.of(cell)).sentence()).contains("1 starts did not answer");
  }

  @Test
  void amountsOfMemoryAreReadAsKubernetesWritesThem() {
    assertThat(MemorySize.parse("512Mi").bytes()).isEqualTo(512L << 20);
    assertThat(MemorySize.parse("2Gi")).hasToString("2Gi");
    assertThat(MemorySize.parse("300M").bytes()).isEqualTo(300_000_000);
    for (String wrong : List.of("", "0", "2", "1Mi", "-1Gi", "2 Gi", "2Ti", "999999999Gi")) {
      assertThatThrownBy(() -> MemorySize.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected");
    }
  }

  private static Grid.Cell cell(String cpu, String memory, long around) {
    var runs = new ArrayList<Grid.Run>();
    for (int i = 0; i < 8; i++) {
      runs.add(new Grid.Run(OptionalLong.of((around + i * 3) * MS), 10 * MS, false));
    }
    return Grid.Cell.of(cpu, memory, runs);
  }
}
