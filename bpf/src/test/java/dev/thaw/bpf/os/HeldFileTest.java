package dev.thaw.bpf.os;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class HeldFileTest {
  @TempDir Path folder;

  @Test
  void itIsTheSameFileWhateverItsNameComesToMean() throws Exception {
    Path name = Files.writeString(folder.resolve("name"), "first");
    try (HeldFile held = HeldFile.open(name)) {
      HeldFile.Version before = held.version();

      Files.move(Files.writeString(folder.resolve("other"), "second"), name, REPLACE_EXISTING);

      assertThat(held.path()).hasContent("first");
      assertThat(held.version().inode()).isEqualTo(before.inode());
    }
  }

  @Test
  void whatIsWrittenToItIsAnotherVersion() throws Exception {
    Path name = Files.writeString(folder.resolve("name"), "first");
    try (HeldFile held = HeldFile.open(name)) {
      HeldFile.Version before = held.version();
      assertThat(held.version()).isEqualTo(before);

      Files.writeString(name, "longer than it was");

      assertThat(held.version()).isNotEqualTo(before);
    }
  }

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatIsNoRegularFileIsRefusedAndNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    for (Path other : new Path[] {pipe, folder, Path.of("/dev/null")}) {
      assertThatThrownBy(() -> HeldFile.open(other))
          .isInstanceOf(IOException.class)
          .hasMessage(other + ": it is no regular file");
    }
  }
}
