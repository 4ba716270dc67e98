package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.CpuLimit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Limits as they are written, and the table of an experiment. */
class ExperimentCommandTest {
  private static final Grid.Run KILLED = new Grid.Run(OptionalLong.empty(), 0, true);
  private static final Grid.Run ANSWERED = new Grid.Run(OptionalLong.of(20 * Starts.MS), 0, false);

  @Test
  void limitsComeBackAsTheyWereWrittenTheSmallestFirst() {
    var reader = new CpuLimit.Reader();

    assertThat(
            ExperimentCommand.levels(
                List.of(reader.convert("1"), reader.convert("0.5"), reader.convert("1000m")),
                CpuLimit::millicores))
        .containsExactly(
            Optional.of(new CpuLimit("0.5", 500)), Optional.of(new CpuLimit("1", 1000)));
    assertThat(ExperimentCommand.levels(List.of(), MemorySize::bytes))
        .containsExactly(Optional.empty());
  }

  @Test
  void aCellSaysHowManyOfItsStartsAnsweredAndNoIntervalWhereThereIsNone() {
    var said = new StringWriter();

    ExperimentCommand.tell(
        Grid.of(
            List.of(
                Grid.Cell.of("1", "16Mi", List.of(KILLED, KILLED)),
                Grid.Cell.of("1", "1Gi", List.of(ANSWERED)))),
        new PrintWriter(said, true));

    assertThat(said.toString().lines())
        .anyMatch(line -> line.matches("cpu +memory +answered +P50 .*"))
        .anyMatch(line -> line.matches("1 +16Mi +0 of 2  no answer +no answer +no answer .*"))
        .anyMatch(line -> line.matches("1 +1Gi +1 of 1  20.0 ms +20.0 ms +20.0 ms .*"));
  }
}
