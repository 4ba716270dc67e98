package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartsFolderTest {
  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(strings = {"000", "022", "077"})
  void everybodyMayReachItAndNobodyElseReplaceTheSocketWhateverTheUmask(String umask)
      throws Exception {
    Path folder = root.resolve("thaw").resolve("orders");

    make(umask, folder);

    assertThat(List.of(mode(folder), mode(folder.getParent()))).containsOnly("rwxr-xr-x");
  }

  /** A state folder holds the token. */
  @Test
  void aFolderThatIsThereStaysAsItIs() throws Exception {
    Path folder = Files.createDirectory(root.resolve("state"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

    StartsFolder.make(folder);

    assertThat(mode(folder)).isEqualTo("rwx------");
  }

  /** In a process of its own: a umask is all of a process's. */
  private static void make(String umask, Path folder) throws Exception {
    Process made =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "umask " + umask + "; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                Maker.class.getName(),
                folder.toString())
            .inheritIO()
            .start();
    assertThat(made.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(made.exitValue()).isZero();
  }

  private static String mode(Path folder) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
  }

  /** Its main is the other process. */
  static final class Maker {
    private Maker() {}

    public static void main(String[] arguments) throws IOException {
      StartsFolder.make(Path.of(arguments[0]));
    }
  }
}
