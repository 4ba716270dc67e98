package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.ProcStat;
import dev.thaw.protocol.v1.TrackPod;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessAdopterTest {
  private static final TrackPod POD =
      TrackPod.newBuilder().setPodUid("hello-0.x").setPodName("hello-0").build();

  @TempDir Path folder;
  private Process process;
  private ProcessRegister register;
  private ProcessAdopter adopter;

  @BeforeEach
  void start() throws Exception {
    process = new ProcessBuilder("sleep", "1000").start();
    register = new ProcessRegister(folder);
    adopter = new ProcessAdopter(new PodGroups(Optional.empty(), "none"), register, "boot");
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @Test
  void theVeryProcessOfTheRegisterIsFoundAndItsEndTold() throws Exception {
    register.put(entry("boot", ticks()));
    var ended = new CompletableFuture<Boolean>();

    var found = (ProcessAdopter.Found) adopter.adopt(POD);
    found.whenEnded(() -> ended.complete(true));
    process.destroyForcibly();

    assertThat(found.process().entry().pid()).isEqualTo((int) process.pid());
    assertThat(found.process().adopted()).isTrue();
    assertThat(ended.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anotherProcessThatGotThePidIsNotTaken() {
    register.put(entry("boot", ticks() - 1));

    var gone = (ProcessAdopter.Gone) adopter.adopt(POD);

    assertThat(gone.start().getStartId()).isEqualTo("boot:" + process.pid() + ":" + (ticks() - 1));
    assertThat(register.get(POD.getPodUid())).isEmpty();
  }

  @Test
  void anEntryOfAnEarlierBootIsVoid() {
    register.put(entry("boot before", ticks()));

    var gone = (ProcessAdopter.Gone) adopter.adopt(POD);

    assertThat(gone.start().getStartId()).isEmpty();
    assertThat(gone.start().getPodUid()).isEqualTo(POD.getPodUid());
  }

  @Test
  void aPodThatWasNeverStartedIsGone() {
    assertThat(adopter.adopt(POD)).isInstanceOf(ProcessAdopter.Gone.class);
  }

  private long ticks() {
    return ProcStat.startTicks((int) process.pid()).orElseThrow();
  }

  private ProcessRegister.Entry entry(String boot, long ticks) {
    return new ProcessRegister.Entry(
        POD.getPodUid(), boot, (int) process.pid(), ticks, 1, folder.resolve("log").toString());
  }
}
