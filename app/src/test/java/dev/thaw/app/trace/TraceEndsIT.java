package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.NeedsKernel;
import dev.thaw.app.trace.Thaw.Ended;
import dev.thaw.app.trace.Thaw.Running;
import dev.thaw.app.trace.Thaw.Told;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** How a trace ends where it does not come to its plateau, and what its first line tells. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class TraceEndsIT {
  private static final Object[] PYTHON = {
    "python3", "-m", "http.server", "--bind", "127.0.0.1", "18712"
  };

  @RegisterExtension static final GoServer SERVER = new GoServer();

  @TempDir Path folder;

  @Test
  void whatAnswersNo200IsToldWithItsStatusBeforeTheDeadline() throws Exception {
    Thaw.trace(folder).with("--deadline", "3").of(PYTHON).with(0);
    Ended missing =
        Thaw.trace(folder).with("--deadline", "3", "--path", "/nothing").of(PYTHON).with(1);

    assertThat(missing.said())
        .contains("it answers 404 to /nothing (--path asks for another page)")
        .contains("It never served: no 200 for /nothing within 3 s, it answers 404");
  }

  @Test
  void whatNeverListensIsSaidWithItsExitCode() throws Exception {
    assertThat(Thaw.trace(folder).of("false", "\u001b[31mred\n").with(1).said())
        .startsWith("tracing false \\x1b[31mred\\n into ")
        .contains("the command ended with 1 before it listened");
  }

  @Test
  void whatEndsByASignalIsToldWithItsNameAndItsLastWords() throws Exception {
    Ended ended =
        Thaw.trace(folder).of("sh", "-c", "echo there is no table orders; kill -SEGV $$").with(1);

    assertThat(ended.said())
        .contains("the command ended with 139 (SIGSEGV) before it listened")
        .contains("there is no table orders")
        .contains("command-1.log");
  }

  @Test
  void wrongWordsAreRefusedInOneSentence() throws Exception {
    assertThat(Thaw.trace(folder).with("--tls", "maybe").of("true"))
        .isEqualTo(new Ended(2, "thaw: --tls: \"maybe\" (expected: on, off or auto)\n"));
    assertThat(
            Thaw.trace(folder)
                .with("--baseline", "/etc/passwd", "--repeat", "5")
                .of("true")
                .with(2)
                .said())
        .contains("no start.json of thaw trace");
  }

  @Test
  void theFirstLineIsThereWhileTheCommandIsStillNotServing() throws Exception {
    Running trace = Thaw.trace(folder).begin("sleep", "50");

    assertThat(trace.awaitLine("")).isEqualTo("tracing sleep 50 into " + folder + "/");

    assertThat(trace.isAlive()).isTrue();
    trace.interrupt();
    trace.awaitEnd().with(130); // had it waited for the command, that had ended meanwhile
  }

  /** The first thing that is started finds no place for its output. */
  @Test
  void theFirstLineIsSaidBeforeAnythingIsStarted() throws Exception {
    Files.createDirectories(folder.resolve("command-1.log").resolve("in its way"));

    Ended ended = Thaw.trace(folder).of("sleep", "50").with(1);

    assertThat(ended.said())
        .startsWith("tracing sleep 50 into " + folder + "/\n")
        .contains("thaw: " + folder.resolve("command-1.log"));
  }

  @Test
  void whatWasMeasuredBeforeAnInterruptIsWritten() throws Exception {
    Running trace =
        Thaw.trace(folder)
            .with("--repeat", "100", "--requests", "5")
            .begin(SERVER.program(), "plain");
    trace.awaitLine("start 1 of 100");

    trace.interrupt();

    Ended ended = trace.awaitEnd().with(130);
    int made = Told.in(folder).at("/measures/exec to first 200").size();
    assertThat(made).isBetween(1, 50);
    assertThat(ended.said()).endsWith("\n" + made + " of 100 runs, interrupted\n");
    assertThat(folder.resolve("start.html")).exists();
    assertThat(groupsOf(trace)).isEmpty();
  }

  @Test
  void aSecondInterruptEndsACommandAtOnceThatDoesNotWantToEnd() throws Exception {
    Path ready = folder.resolve("command-1.log");
    Running trace =
        Thaw.trace(folder).begin("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done");
    while (trace.isAlive() && (!ready.toFile().exists() || ready.toFile().length() == 0)) {
      Thread.onSpinWait();
    }

    trace.interrupt();
    trace.awaitLine("interrupted");
    trace.interrupt();

    trace.awaitEnd(3).with(130); // the command has 5 s after the first
    assertThat(groupsOf(trace)).isEmpty();
  }

  /** Control groups of its commands; one in which somebody runs cannot be gone. */
  private static Iterable<String> groupsOf(Running trace) {
    String own = DeadTraces.name(trace.pid(), 0).replaceAll("0$", "");
    return Cgroup.named(CgroupLayout.detect(), own);
  }
}
