package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a file that cannot be a policy, in one line and with the reason. */
class PolicyTextTest {
  @TempDir Path folder;

  private String validated(Path... files) {
    var words = new String[2 + files.length];
    words[0] = "policy";
    words[1] = "validate";
    for (int i = 0; i < files.length; i++) {
      words[2 + i] = files[i].toString();
    }
    var said = new StringWriter();
    var out = new PrintWriter(said, true);
    assertThat(Main.commandLine().setOut(out).setErr(out).execute(words)).isEqualTo(2);
    assertThat(said.toString()).doesNotContain("Exception", "java.", "heap");
    return said.toString();
  }

  @Test
  void oneBeyondAllMeasureIsNotReadToItsEnd() throws Exception {
    Path large = folder.resolve("large.yaml");
    try (var file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(1L << 40); // a hole: nothing is on disk, and no heap holds it
    }

    assertThat(validated(large))
        .contains(large + ": cannot be read as a policy: more than 1048576 bytes (accepted: ")
        .contains("at most 262144 characters");
    assertThat(validated(Path.of("/dev/zero"))).contains("more than 1048576 bytes");
  }

  @Test
  void aFolderAMissingFileAndBytesThatAreNoTextHaveTheirReason() throws Exception {
    Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff, 0, 1});
    Path good =
        Files.writeString(
            folder.resolve("good.yaml"),
            """
            apiVersion: thaw.dev/v1alpha1
            kind: WarmupPolicy
            metadata: { name: orders }
            spec: { service: "127.100.0.1:8080" }
            """);

    assertThat(validated(folder, folder.resolve("none"), bytes, good).lines())
        .satisfiesExactly(
            line -> assertThat(line).contains(folder + ": cannot be read as a policy: Is a dir"),
            line -> assertThat(line).contains("none: cannot be read as a policy: no such file"),
            line -> assertThat(line).contains(bytes + ": cannot be read as a policy: no text in"),
            line -> assertThat(line).isEqualTo(good + ": valid"));
  }
}
