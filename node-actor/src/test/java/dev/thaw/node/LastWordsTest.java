package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordsTest {
  @TempDir Path folder;
  private Path log;
  private long from;

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

  /** A pod's later starts, and later runs, write on in the same file. */
  @Test
  void whatAnEarlierProcessWroteIsNotItsWords() throws IOException {
    Files.writeString(log, "of an earlier start\n");
    from = Files.size(log);

    assertThat(LastWords.of(process(), 1, 1).getLastLinesList()).isEmpty();

    Files.writeString(log, "no database\n", StandardOpenOption.APPEND);
    assertThat(LastWords.of(process(), 1, 1).getLastLinesList()).containsExactly("no database");
  }

  @Test
  void atMostTwentyLinesAreTold() throws IOException {
    List<String> lines = IntStream.range(0, 10_000).mapToObj(i -> "line " + i).toList();
    Files.write(log, lines);

    assertThat(LastWords.of(process(), 1, 1).getLastLinesList())
        .isEqualTo(lines.subList(9_980, 10_000));
  }

  @Test
  void theEndOfAnAdoptedProcessIsUnknownButItsWordsAreNot() throws IOException {
    Files.writeString(log, "out of memory\n");

    ProcessExited exited = LastWords.unknown(process(), 5);

    assertThat(exited.getUnknown()).isTrue();
    assertThat(exited.getAtNanos()).isEqualTo(5);
    assertThat(exited.getLastLinesList()).containsExactly("out of memory");
  }

  @Test
  void anEndThatTheKernelToldHasItsTimeAndItsStatus() {
    ProcessExited unknown = LastWords.unknown(process(), 5);

    assertThat(LastWords.told(unknown, exit(3 << 8)))
        .isEqualTo(unknown.toBuilder().setAtNanos(2).setExitCode(3).build());
    assertThat(LastWords.told(unknown, exit(139)))
        .as("by signal 11, with a core dumped")
        .isEqualTo(unknown.toBuilder().setAtNanos(2).setSignal(11).build());
    assertThat(LastWords.told(unknown, exit(KernelEvent.Exit.UNKNOWN_STATUS)))
        .isEqualTo(unknown.toBuilder().setAtNanos(2).build());
  }

  private static KernelEvent.Exit exit(int status) {
    return new KernelEvent.Exit(2, 1, 7, 0, status);
  }

  private LocalProcess process() {
    return new LocalProcess(
        TrackPod.getDefaultInstance(),
        new ProcessRegister.Entry("hello-0.x", "boot", 1, 1, 1, log.toString(), from),
        Optional.empty(),
        false);
  }
}
