package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.PidNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a command that ended instead of serving. */
class CommandsEndTest {
  @TempDir Path folder;

  @Test
  void aSignalIsCalledByItsName() {
    assertThat(ExitStatus.words(139)).isEqualTo("139 (SIGSEGV)");
    assertThat(ExitStatus.words(137)).isEqualTo("137 (SIGKILL)");
    assertThat(ExitStatus.words(128 + 40)).isEqualTo("168 (signal 40)");
    assertThat(ExitStatus.words(1)).isEqualTo("1");
    assertThat(ExitStatus.words(0)).isEqualTo("0");
    assertThat(ExitStatus.words(255)).isEqualTo("255");
  }

  @Test
  void itsLastLinesAreFitForATerminal() throws Exception {
    Path log =
        Files.writeString(
            folder.resolve("command-1.log"),
            "one\n".repeat(10_000)
                + "two\n\nthree \u001b[31mred\n"
                + "x".repeat(500)
                + "\ninit runtime @0.01 ms, 0.02 ms clock, 0 bytes, 0 allocs\n");

    assertThat(LastLines.of(log, 3))
        .hasSize(3)
        .startsWith("two", "three  [31mred")
        .last()
        .asString()
        .hasSize(201)
        .endsWith("…");
  }

  /** What is read of a long log begins anywhere in it. */
  @Test
  void aLineOfWhichOnlyTheEndWasReadIsNone() throws Exception {
    String line = "init net/http @0.01 ms, 0.02 ms clock, 0 bytes, 0 allocs\n";
    Path log = Files.writeString(folder.resolve("command-1.log"), line.repeat(1000) + "last\n");

    assertThat(LastLines.of(log, 3)).containsExactly("last");
  }

  @Test
  void whoWroteNothingHasNoLastLines() {
    assertThat(LastLines.of(folder.resolve("none.log"), 3)).isEmpty();
  }

  /** It may be alive there, and has made its group before it started anything in it. */
  @Test
  void theGroupOfATraceInAnotherPidNamespaceIsNotOurs() {
    assertThat(DeadTraces.tracer("thaw-trace-" + (PidNamespace.id() + 1) + "-4711-3")).isEmpty();
  }

  @Test
  void onlyATracesGroupsBelongToATrace() {
    assertThat(DeadTraces.tracer(DeadTraces.name(4711, 3))).hasValue(4711);
    assertThat(DeadTraces.tracer("thaw-trace-12-1")).isEmpty();
    assertThat(DeadTraces.tracer(DeadTraces.name(4711, 3) + "-more")).isEmpty();
    assertThat(DeadTraces.tracer("thaw")).isEmpty();
  }
}
