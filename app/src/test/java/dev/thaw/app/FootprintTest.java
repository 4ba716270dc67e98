package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays of a folder that somebody began to use. */
class FootprintTest {
  private static final Predicate<String> OURS = Set.of("lock", "logs")::contains;

  @TempDir Path home;

  @Test
  void aFolderThatWasNotThereIsGoneAndSoAreThoseAboveIt() throws Exception {
    Path folder = home.resolve("a").resolve("b");
    Footprint before = Footprint.before(folder);
    Files.createDirectories(folder.resolve("logs"));
    Files.writeString(folder.resolve("logs").resolve("x"), "x");

    before.remove(OURS);

    assertThat(home).isEmptyDirectory();
  }

  @Test
  void whatAnotherHasMadeBesideItStays() throws Exception {
    Path folder = home.resolve("thaw").resolve("one");
    Footprint before = Footprint.before(folder);
    Files.createDirectories(folder.resolve("logs"));
    Path another = Files.createDirectories(home.resolve("thaw").resolve("two").resolve("logs"));

    before.remove(OURS);

    assertThat(folder).doesNotExist();
    assertThat(another).exists();
  }

  @Test
  void whatIsNotOursStaysInAFolderThatWasThere() throws Exception {
    Footprint before = Footprint.before(home);
    Path another = Files.writeString(home.resolve("letter"), "another's");
    Files.writeString(home.resolve("lock"), "1");

    before.remove(OURS);

    assertThat(home).isDirectoryContaining(another::equals);
    assertThat(home.resolve("lock")).doesNotExist();
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

    before.remove(OURS);

    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(mine);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwxr-xr-x");
  }
}
