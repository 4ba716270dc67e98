package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcStatTest {
  private static final String FIELDS =
      " S 1 4242 4242 0 -1 4194560 1203 0 0 0 12 3 0 0 20 0 9 0 987654 1240 300 18446744073709551615";

  @Test
  void theStartIsTheTwentySecondField() {
    assertThat(ProcStat.parseStartTicks("4242 (order-svc)" + FIELDS)).isEqualTo(987_654);
  }

  @Test
  void aNameMayHoldBlanksAndBrackets() {
    assertThat(ProcStat.parseStartTicks("4242 (a) R 1 (b c)" + FIELDS + "\n")).isEqualTo(987_654);
  }

  @Test
  void aLivingProcessHasAStartAndADeadOneHasNone() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();

    assertThat(ProcStat.startTicks((int) ProcessHandle.current().pid()).orElseThrow()).isPositive();
    assertThat(ProcStat.startTicks((int) process.pid())).isEmpty();
  }
}
