package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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
        .hasValue("it was made with a CPU limit of 300m (this trace: none)");
  }

  @Test
  void whateverElseChangesWhatIsMeasuredIsRefusedByItsOption() throws Exception {
    ReportFiles.Baseline baseline = written(OptionalInt.of(300));

    assertThat(baseline.differs(asked(Starts.asked("/", 20))))
        .hasValue("it was made with --requests 1000 (this trace: 20)");
    assertThat(
            baseline.differs(
                asked(
                    new Setting.Asked(
                        "/orders",
                        "shop",
                        OptionalInt.of(8080),
                        "on",
                        "2",
                        Optional.of("a.B/C"),
                        5,
                        1000,
                        TraceSettings.Records.WHEN_WARM))))
        .hasValue(
            "it was made with --deadline 60 (this trace: 5), --grpc none (this trace: a.B/C),"
                + " --host localhost (this trace: shop), --http auto (this trace: 2),"
                + " --path / (this trace: /orders), --port none (this trace: 8080),"
                + " --tls auto (this trace: on)");
  }

  @Test
  void recordingsAtAnotherTimeAreSaidAndNoObstacle() throws Exception {
    var single =
        new Setting.Asked(
            "/",
            "localhost",
            OptionalInt.empty(),
            "auto",
            "auto",
            Optional.empty(),
            60,
            1000,
            TraceSettings.Records.WHILE_IT_WARMS);

    assertThat(written(OptionalInt.of(300)).differs(asked(single))).isEmpty();
    assertThat(written(OptionalInt.of(300)).doubt(asked(single)))
        .hasValue(
            "it was made with Go's own recordings when it is warm (this trace: while it warms)");
  }

  @Test
  void whatWasMeasuredIsWrittenBeforeItIsCompared() {
    var hostile =
        new ReportFiles.Baseline(
            new AbstractMap<>() {
              @Override
              public Set<Entry<String, List<Long>>> entrySet() {
                throw new IllegalStateException("cannot be compared");
              }
            },
            NullNode.getInstance());
    Start start = new Starts().step("exec", 0).step(Start.LISTEN, 5).sample(1, "main").build();

    assertThatThrownBy(
            () ->
                TraceCommand.written(
                    Starts.setting(OptionalInt.empty()),
                    List.of(start),
                    Optional.of(hostile),
                    folder,
                    measured -> {}))
        .hasMessage("cannot be compared");

    assertThat(folder.resolve(ReportFiles.PAGE)).isNotEmptyFile();
    assertThat(folder.resolve(ReportFiles.JSON)).isNotEmptyFile();
    assertThat(folder.resolve(ReportFiles.SPEEDSCOPE)).isNotEmptyFile();
  }

  @Test
  void aFileOfTheRightVersionWithoutFiguresIsToldSo() throws Exception {
    Path file = Files.writeString(folder.resolve("none.json"), "{\"version\":1}");

    assertThatThrownBy(() -> ReportFiles.baseline(file)).hasMessageContaining("it has no figures");
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

  private static Setting asked(Setting.Asked how) {
    return Starts.setting(OptionalInt.of(300), "go1.19", 2, how);
  }

  private ReportFiles.Baseline written(OptionalInt millicores) throws Exception {
    Start start = new Starts().step("exec", 0).step(Start.LISTEN, 5).build();
    ReportFiles.write(
        Report.of(Starts.setting(millicores), List.of(start), List.of(), GoView.NONE), folder);
    return ReportFiles.baseline(folder.resolve(ReportFiles.JSON));
  }
}
