package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordsTest {
  @TempDir Path folder;
  private Path log;

  @BeforeEach
  void nameTheLog() {
    log = folder.resolve("log");
  }

  @Test
  void aStatusUpTo128IsAnExitCodeAndAboveASignal() {
    assertThat(LastWords.of(process(), 0, 1).getHowCase())
        .isEqualTo(ProcessExited.HowCase.EXIT_CODE);
    assertThat(LastWords.of(process(), 128, 1).getExitCode()).isEqualTo(128);
    assertThat(LastWords.of(process(), 137, 1).getSignal()).isEqualTo(9);
    assertThat(LastWords.of(process(), 192, 1).getSignal()).isEqualTo(64);
    assertThat(LastWords.of(process(), 255, 1).getExitCode()).isEqualTo(255);
  }

  @Test
  void aCommandThatWasNotFoundIsNamedUnlessSomebodySaidMore() throws IOException {
    assertThat(LastWords.of(process(), 127, 1).getLastLinesList())
        .containsExactly("the command was not found");

    Files.writeString(log, "sh: x: not found\n");

    assertThat(LastWords.of(process(), 127, 1).getLastLinesList())
        .containsExactly("sh: x: not found");
  }

  @Test
  void theLastTwentyLinesAreKept() throws IOException {
    List<String> lines = IntStream.range(0, 10_000).mapToObj(i -> "line " + i).toList();
    Files.write(log, lines);

    assertThat(LastWords.tail(log)).isEqualTo(lines.subList(9_980, 10_000));
  }

  @Test
  void ofALineWithoutEndTheLast16KibibytesAreKept() throws IOException {
    Files.writeString(log, "x".repeat(1 << 20));

    assertThat(LastWords.tail(log)).singleElement().asString().hasSize(16 * 1024);
  }

  @Test
  void theEndOfAnAdoptedProcessIsUnknownButItsWordsAreNot() throws IOException {
    Files.writeString(log, "out of memory\n");

    ProcessExited exited = LastWords.unknown(process(), 5);

    assertThat(exited.getUnknown()).isTrue();
    assertThat(exited.getAtNanos()).isEqualTo(5);
    assertThat(exited.getLastLinesList()).containsExactly("out of memory");
  }

  private LocalProcess process() {
    return new LocalProcess(
        TrackPod.getDefaultInstance(),
        new ProcessRegister.Entry("hello-0.x", "boot", 1, 1, 1, log.toString()),
        Optional.empty(),
        false);
  }
}
