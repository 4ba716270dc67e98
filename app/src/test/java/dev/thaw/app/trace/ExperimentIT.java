package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.app.NeedsKernel;
import dev.thaw.app.trace.Thaw.Ended;
import dev.thaw.app.trace.Thaw.Running;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The same start under a grid of limits that are real. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class ExperimentIT {
  @RegisterExtension static final GoServer SERVER = new GoServer();

  @TempDir Path folder;

  @Test
  void everyCellOfTheGridIsFilled() throws Exception {
    Ended ended =
        Thaw.experiment(folder)
            .with("--cpu", "200m,1", "--memory", "64Mi,512Mi", "--runs", "5", "--requests", "2")
            .of(SERVER.program(), "plain")
            .with(0);

    JsonNode cells = cells();
    assertThat(cells).hasSize(4).allSatisfy(cell -> assertThat(cell.path("values")).hasSize(5));
    assertThat(cells.get(0).path("throttled").asLong())
        .as("throttled at 200m")
        .isGreaterThan(cells.get(1).path("throttled").asLong());
    assertThat(ended.said())
        .contains("sensitive to CPU: from 200m to 1 the first 200")
        .contains("1        512Mi      5 of 5  ");
    assertThat(folder.resolve("experiment.html")).exists();
  }

  @Test
  void aMemoryLimitThatKillsIsWhatAStartIsMostSensitiveTo() throws Exception {
    String hungry = "head -c 64000000 /dev/zero | tail -c 64000000 > /dev/null || exit 1; exec ";

    Ended ended =
        Thaw.experiment(folder)
            .with("--memory", "16Mi,512Mi", "--runs", "4", "--requests", "2")
            .of("sh", "-c", hungry + SERVER.program() + " plain")
            .with(0);

    assertThat(ended.said())
        .contains(
            "most sensitive to memory: at 16Mi 4 of 4 did not answer (4 killed for want of memory), at 512Mi all 4 starts answered")
        .contains("16Mi       0 of 4  no answer ")
        .doesNotContain("[no answer");
  }

  @Test
  void whatWasMeasuredBeforeAnInterruptIsWritten() throws Exception {
    Running experiment =
        Thaw.experiment(folder)
            .with("--cpu", "500m,1", "--runs", "100", "--requests", "2")
            .begin(SERVER.program(), "plain");
    experiment.awaitLine("round 1 of 100 done");

    experiment.interrupt();

    Ended ended = experiment.awaitEnd().with(130);
    int made = 0;
    for (JsonNode cell : cells()) {
      made += cell.path("values").size();
    }
    assertThat(made).isBetween(2, 100);
    assertThat(ended.said()).endsWith("\n" + made + " of 200 runs, interrupted\n");
    assertThat(folder.resolve("experiment.html")).exists();
  }

  private JsonNode cells() throws Exception {
    return Thaw.json(folder.resolve("experiment.json")).at("/grid/cells");
  }
}
