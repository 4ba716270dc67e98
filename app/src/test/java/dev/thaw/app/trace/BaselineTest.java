package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {
  @TempDir Path folder;

  @Test
  void likeIsComparableWithLike() throws Exception {
    ReportFiles.Baseline baseline = written(OptionalInt.of(300));

    assertThat(baseline.measures().get(Measures.LISTEN)).containsExactly(5 * Starts.MS);
    assertThat(baseline.differs(Starts.setting(OptionalInt.of(300)))).isEmpty();
    assertThat(baseline.doubt(Starts.setting(OptionalInt.of(300)))).isEmpty();
  }

  @Test
  void anotherLimitMakesABaselineIncomparable() throws Exception {
    assertThat(written(OptionalInt.of(300)).differs(Starts.setting(OptionalInt.empty())))
        .hasValue("it was made with a CPU limit (thousandths of a core) of 300 (this trace: none)");
  }

  @Test
  void anotherGoIsSaidAndNoObstacle() throws Exception {
    ReportFiles.Baseline baseline = written(OptionalInt.of(300));
    Setting now = Starts.setting(OptionalInt.of(300), "go1.26");

    assertThat(baseline.differs(now)).isEmpty();
    assertThat(baseline.doubt(now))
        .hasValue("it was made with Go version go1.19 (this trace: go1.26)");
  }

  @Test
  void whatIsNoBaselineIsSaidInOneSentence() throws Exception {
    Path missing = folder.resolve("missing.json");
    Path other = Files.writeString(folder.resolve("other.json"), "root:x:0:0");

    assertThatThrownBy(() -> ReportFiles.baseline(missing))
        .hasMessage(missing + ": there is no such file");
    assertThatThrownBy(() -> ReportFiles.baseline(other))
        .hasMessage(other + ": no start.json of thaw trace");
  }

  private ReportFiles.Baseline written(OptionalInt millicores) throws Exception {
    Start start = new Starts().step("exec", 0).step(Start.LISTEN, 5).build();
    ReportFiles.write(
        Report.of(Starts.setting(millicores), List.of(start), List.of(), GoView.NONE), folder);
    return ReportFiles.baseline(folder.resolve(ReportFiles.JSON));
  }
}
