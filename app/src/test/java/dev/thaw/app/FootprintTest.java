package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays of a folder that somebody began to use. */
class FootprintTest {
  @TempDir Path home;

  @Test
  void aFolderThatWasNotThereIsGoneAndSoAreThoseAboveIt() throws Exception {
    Path folder = home.resolve("a").resolve("b");
    Footprint before = Footprint.before(folder);
    Files.createDirectories(folder.resolve("logs"));
    Files.writeString(folder.resolve("logs").resolve("x"), "x");

    before.remove();

    assertThat(home).isEmptyDirectory();
  }

  @Test
  void aFolderThatWasThereKeepsWhatItHeldAndItsMode() throws Exception {
    Path folder = Files.createDirectory(home.resolve("there"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path mine = Files.writeString(folder.resolve("mine"), "mine");
    Footprint before = Footprint.before(folder);
    Files.writeString(folder.resolve("lock"), "1");
    Files.createDirectory(folder.resolve("logs"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

    before.remove();

    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(mine);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwxr-xr-x");
  }
}
