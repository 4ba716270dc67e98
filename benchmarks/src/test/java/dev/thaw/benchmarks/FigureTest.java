package dev.thaw.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FigureTest {
  private static Figure oneToHundred() {
    var samples = IntStream.rangeClosed(1, 100).mapToObj(i -> (double) i).toList();
    return Figure.shown("some", "from here to there", "ms", Spread.of(samples).summary());
  }

  @Test
  void aBoundHoldsForTheStatisticItNames() {
    assertThat(oneToHundred().bound(Figure.Statistic.P99, 99).met()).isEqualTo("yes");
    assertThat(oneToHundred().bound(Figure.Statistic.P99, 98.9).met()).isEqualTo("NO");
    assertThat(oneToHundred().bound(Figure.Statistic.MAX, 99).met()).isEqualTo("NO");
    assertThat(oneToHundred().bound(Figure.Statistic.MEDIAN, 50).met()).isEqualTo("yes");
  }

  @Test
  void aGoalThatIsMissedBreaksNoPromise() {
    Figure figure = oneToHundred().bound(Figure.Statistic.MAX, 100);

    assertThat(figure.goal(Figure.Statistic.MAX, 50).met()).isEqualTo("yes, goal not");
    assertThat(figure.goal(Figure.Statistic.MAX, 100).met()).isEqualTo("yes, goal too");
  }

  @Test
  void aFigureWithoutABoundIsNotJudged() {
    assertThat(oneToHundred().met()).isEqualTo("-");
    assertThat(oneToHundred().toMap()).containsEntry("bound_met", null).containsEntry("n", 100L);
  }

  @Test
  void whatWasNotMeasuredIsADashForPeopleAndNullForPrograms() {
    var figure =
        Figure.shown("some", "x", "ms", new Spread.Summary(5, Double.NaN, 1, 2, 3, Double.NaN));

    assertThat(figure.toMap()).containsEntry("min", null).containsEntry("p50", 1.0);
    assertThat(Table.lines(List.of(figure)).get(1)).contains("-").doesNotContain("NaN");
  }

  @Test
  void columnsOfATableStandBelowTheirHeads() {
    List<String> lines =
        Table.lines(List.of(oneToHundred().bound(Figure.Statistic.P99, 250), oneToHundred()));

    assertThat(lines).hasSize(3);
    int bound = lines.get(0).indexOf("bound");
    assertThat(lines.get(1).substring(bound)).startsWith("p99 <= 250");
    assertThat(lines.get(2).substring(bound)).startsWith("-");
  }
}
