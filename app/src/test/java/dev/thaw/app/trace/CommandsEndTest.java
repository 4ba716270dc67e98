package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.PidNamespace;
import org.junit.jupiter.api.Test;

/** What is told of a command that ended instead of serving. */
class CommandsEndTest {
  @Test
  void aSignalIsCalledByItsName() {
    assertThat(ExitStatus.words(139)).isEqualTo("139 (SIGSEGV)");
    assertThat(ExitStatus.words(137)).isEqualTo("137 (SIGKILL)");
    assertThat(ExitStatus.words(128 + 40)).isEqualTo("168 (signal 40)");
    assertThat(ExitStatus.words(1)).isEqualTo("1");
    assertThat(ExitStatus.words(0)).isEqualTo("0");
    assertThat(ExitStatus.words(255)).isEqualTo("255");
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
