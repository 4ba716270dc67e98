package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.bpf.os.LibC;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.TrackPod;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessStarterTest {
  private static final TrackPod POD =
      TrackPod.newBuilder().setPodUid("hello-0.x").setPodName("hello-0").build();

  @TempDir Path folder;

  @Test
  void aProcessThatCannotBeWrittenDownDoesNotRunOn() throws Exception {
    Path noFolder = Files.createFile(folder.resolve("file"));
    var starter = new ProcessStarter(new ProcessRegister(noFolder), "boot");
    String minutes = "314159"; // by which it is known

    assertThatThrownBy(() -> starter.start(sleeping(minutes), POD, Optional.empty()))
        .isInstanceOf(UncheckedIOException.class);

    for (ProcessHandle child : ProcessHandle.current().children().toList()) {
      if (child.info().arguments().stream()
          .anyMatch(words -> words[words.length - 1].equals(minutes))) {
        child.onExit().get(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void aProcessThatRunsIsWrittenDown() {
    var register = new ProcessRegister(folder);
    var starter = new ProcessStarter(register, "boot");

    LocalProcess process = starter.start(sleeping("1000"), POD, Optional.empty()).process();

    assertThat(register.get(POD.getPodUid())).contains(process.entry());
    process.signal(LibC.SIGKILL);
  }

  private StartProcess sleeping(String seconds) {
    return StartProcess.newBuilder()
        .setPodUid(POD.getPodUid())
        .addCommand("sleep")
        .addCommand(seconds)
        .setWorkingDirectory(folder.toString())
        .setLogFile(folder.resolve("log").toString())
        .build();
  }
}
