package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files a report has. */
class ReportFilesTest {
  @TempDir Path folder;

  @Test
  void everyProfileForSpeedscopeHasStacksAndEveryStackAFunction() throws Exception {
    write(new Starts().step("exec", 0).step(Start.LISTEN, 5).sample(1, "main").sample(2).build());

    JsonNode file = Thaw.json(folder.resolve(ReportFiles.SPEEDSCOPE));
    assertThat(file.at("/profiles")).hasSize(1);
    assertThat(file.at("/profiles/0/samples"))
        .hasSize(2)
        .allSatisfy(s -> assertThat(s).isNotEmpty());
    assertThat(file.at("/shared/frames/1/name").asText()).isEqualTo(Report.NO_STACK);
  }

  @Test
  void withoutStacksThereIsNoFileForSpeedscopeNorAnEarlierOne() throws Exception {
    Path earlier = Files.writeString(folder.resolve(ReportFiles.SPEEDSCOPE), "of another trace");

    Report report = write(new Starts().step("exec", 0).step(Start.LISTEN, 5).build());

    assertThat(earlier).doesNotExist();
    assertThat(ReportFiles.names(report)).containsExactly(ReportFiles.PAGE, ReportFiles.JSON);
  }

  private Report write(Start start) throws Exception {
    Report report =
        Report.of(Starts.setting(OptionalInt.empty()), List.of(start), List.of(), GoView.NONE);
    ReportFiles.write(report, folder);
    return report;
  }
}
