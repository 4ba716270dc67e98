package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Signal;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@ExtendWith(NeedsKernel.class)
class FirstStartIT {
  @TempDir Path folder;

  @Test
  void whatAWrapperBecomesForTheFirstTimeLacksNoMark() throws Exception {
    Path source = Files.createDirectories(folder.resolve("source"));
    Files.writeString(source.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(
        source.resolve("main.go"),
        "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(time.Minute)\n}\n");
    Path program = folder.resolve("unseen");
    Process go =
        new ProcessBuilder("go", "build", "-o", program.toString(), ".")
            .directory(source.toFile())
            .inheritIO()
            .start();
    assertThat(go.waitFor()).isZero();
    var node = new NodeRig(folder, FirstStart.STOP);
    try {
      node.start("/bin/sh", "-c", "exec " + program);

      node.signal(Signal.Kind.MAIN_MAIN);

      assertThat(node.signals())
          .extracting(Signal::getKind)
          .containsSubsequence(
              Signal.Kind.EXEC, Signal.Kind.EXEC, Signal.Kind.RUNTIME_MAIN, Signal.Kind.MAIN_MAIN);
      assertThat(node.all()).noneMatch(FromNode::hasDegraded);
    } finally {
      node.close();
    }
  }
}
