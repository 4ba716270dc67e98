package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PidfdTest {

  private Process process;
  private long ticks;

  @BeforeEach
  void start() throws Exception {
    process = new ProcessBuilder("sleep", "1000").start();
    ticks = ProcStat.startTicks((int) process.pid()).orElseThrow();
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @Test
  void whoGotThePidOfAnotherIsNotOpened() {
    assertThat(Pidfd.open((int) process.pid(), ticks - 1)).isEmpty();
    assertThat(Pidfd.open((int) process.pid(), ticks + 1)).isEmpty();
  }

  @Test
  void aSignalReachesTheProcessAndItsEndIsSeen() throws Exception {
    try (var descriptor = Pidfd.open((int) process.pid(), ticks).orElseThrow()) {
      assertThat(descriptor.pid()).isEqualTo((int) process.pid());
      assertThat(descriptor.awaitExit(Duration.ZERO)).isFalse();

      assertThat(descriptor.signal(LibC.SIGTERM)).isTrue();

      assertThat(descriptor.awaitExit(Duration.ofSeconds(10))).isTrue();
      assertThat(process.waitFor()).isEqualTo(128 + LibC.SIGTERM);
      assertThat(descriptor.signal(LibC.SIGTERM)).isFalse();
    }
  }

  @Test
  void aDeadProcessIsNotOpened() throws Exception {
    process.destroyForcibly().waitFor();

    assertThat(Pidfd.open((int) process.pid(), ticks)).isEmpty();
  }
}
