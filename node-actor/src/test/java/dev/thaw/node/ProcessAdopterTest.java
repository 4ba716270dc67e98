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

  /** Its workers go on serving the old version, or keep the port from the next. */
  @Test
  void whomADeadProcessLeftInItsGroupIsEndedBeforeItIsToldGone() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    pods.put("hello-0", process.pid());
    register.put(entry("boot", ticks() - 1));

    var gone = new ProcessAdopter(pods.groups(), register, "boot").adopt(POD);

    assertThat(gone).isInstanceOf(ProcessAdopter.Gone.class);
    assertThat(PodFolder.runs(process.pid())).isFalse();
  }

  /** Thaw was killed between the start and the register. */
  @Test
  void aProcessThatNobodyLivedToWriteDownIsEnded() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    pods.put("hello-0", process.pid());

    var gone = new ProcessAdopter(pods.groups(), register, "boot").adopt(POD);

    assertThat(gone).isInstanceOf(ProcessAdopter.Gone.class);
    assertThat(PodFolder.runs(process.pid())).isFalse();
  }

  @Test
  void whoIsAdoptedIsNotSwept() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    pods.put("hello-0", process.pid());
    register.put(entry("boot", ticks()));

    var found = new ProcessAdopter(pods.groups(), register, "boot").adopt(POD);

    assertThat(found).isInstanceOf(ProcessAdopter.Found.class);
    assertThat(PodFolder.runs(process.pid())).isTrue();
    ((ProcessAdopter.Found) found).descriptor().close();
  }

  private long ticks() {
    return ProcStat.startTicks((int) process.pid()).orElseThrow();
  }

  private ProcessRegister.Entry entry(String boot, long ticks) {
    return new ProcessRegister.Entry(
        POD.getPodUid(), boot, (int) process.pid(), ticks, 1, folder.resolve("log").toString());
  }
}
