package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.ProcStat;
import dev.thaw.protocol.v1.TrackPod;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessAdopterTest {
  private static final TrackPod POD =
      TrackPod.newBuilder().setPodUid("hello-0.x").setPodName("hello-0").build();

  @TempDir Path folder;
  private final ActorTestKit kit = ActorTestKit.create();
  private Process process;
  private ProcessRegister register;
  private ProcessAdopter adopter;

  @BeforeEach
  void start() throws Exception {
    process = new ProcessBuilder("sleep", "1000").start();
    register = new ProcessRegister(folder);
    adopter = adopter(new PodGroups(Optional.empty(), "none"));
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
    kit.shutdownTestKit();
  }

  @Test
  void theVeryProcessOfTheRegisterIsFoundAndItsEndTold() throws Exception {
    register.put(entry("boot", ticks()));
    var found = (ProcessAdopter.Found) adopt(adopter);
    var ended = found.ended().toCompletableFuture();
    process.destroyForcibly();

    assertThat(found.process().entry().pid()).isEqualTo((int) process.pid());
    assertThat(found.process().adopted()).isTrue();
    ended.get(10, TimeUnit.SECONDS);
  }

  @Test
  void anotherProcessThatGotThePidIsNotTaken() {
    register.put(entry("boot", ticks() - 1));

    var died = (ProcessAdopter.Died) adopt(adopter);

    assertThat(died.how().getStart().getStartId())
        .isEqualTo("boot:" + process.pid() + ":" + (ticks() - 1));
    assertThat(register.get(POD.getPodUid())).isEmpty();
  }

  @Test
  void anEntryOfAnEarlierBootIsVoid() {
    register.put(entry("boot before", ticks()));

    var unknown = (ProcessAdopter.Unknown) adopt(adopter);

    assertThat(unknown.start().getStartId()).isEmpty();
    assertThat(unknown.start().getPodUid()).isEqualTo(POD.getPodUid());
  }

  @Test
  void ofAPodThatWasNeverStartedNoStartIsKnown() {
    assertThat(adopt(adopter)).isInstanceOf(ProcessAdopter.Unknown.class);
  }

  /** Its workers go on serving the old version, or keep the port from the next. */
  @Test
  void whomADeadProcessLeftInItsGroupIsEndedBeforeItIsToldGone() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    pods.put("hello-0", process.pid());
    register.put(entry("boot", ticks() - 1));

    var died = adopt(adopter(pods.groups()));

    assertThat(died).isInstanceOf(ProcessAdopter.Died.class);
    assertThat(PodFolder.runs(process.pid())).isFalse();
  }

  /** Thaw was killed between the start and the register. */
  @Test
  void aProcessThatNobodyLivedToWriteDownIsEnded() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    pods.put("hello-0", process.pid());

    var unknown = adopt(adopter(pods.groups()));

    assertThat(unknown).isInstanceOf(ProcessAdopter.Unknown.class);
    assertThat(PodFolder.runs(process.pid())).isFalse();
  }

  @Test
  void whoIsAdoptedIsNotSwept() throws Exception {
    var pods = new PodFolder(folder.resolve("groups"));
    pods.put("hello-0", process.pid());
    register.put(entry("boot", ticks()));

    var found = adopt(adopter(pods.groups()));

    assertThat(found).isInstanceOf(ProcessAdopter.Found.class);
    assertThat(PodFolder.runs(process.pid())).isTrue();
    ((ProcessAdopter.Found) found).descriptor().close();
  }

  private ProcessAdopter adopter(PodGroups groups) {
    var kernel = new KernelsWord(kit.spawn(KernelWatch.absent()), kit.system());
    return new ProcessAdopter(groups, new ProcessEnds(register, Runnable::run, kernel), "boot");
  }

  private static ProcessAdopter.Adoption adopt(ProcessAdopter adopter) {
    return adopter.adopt(POD).toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private long ticks() {
    return ProcStat.startTicks((int) process.pid()).orElseThrow();
  }

  private ProcessRegister.Entry entry(String boot, long ticks) {
    return new ProcessRegister.Entry(
        POD.getPodUid(), boot, (int) process.pid(), ticks, 1, folder.resolve("log").toString(), 0);
  }
}
