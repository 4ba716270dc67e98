package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What verbs say of a state folder that is none, or holds what no run has written. */
class StateFolderTest {
  @TempDir Path folder;

  private String refused(int code, String... words) {
    var err = new StringWriter();
    assertThat(Main.commandLine().setErr(new PrintWriter(err, true)).execute(words))
        .as(err.toString())
        .isEqualTo(code);
    assertThat(err.toString()).doesNotContain("Exception", "java.").hasLineCount(1);
    return err.toString();
  }

  private String get(int code, Path state) {
    return refused(code, "get", "--state", state.toString());
  }

  @Test
  void oneThatIsNotThereOrNoFolderIsNamedWithWhatIsAccepted() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThat(get(2, nowhere))
        .contains("--state: " + nowhere + ": no such file or folder (accepted: a run's state");
    assertThat(get(2, file)).contains("--state: " + file + ": not a folder (accepted: ");
    assertThat(get(2, file.resolve("below"))).contains("Not a directory (accepted: ");
    assertThat(refused(2, "logs", "--state", nowhere.toString(), "p")).contains("no such file");
  }

  @Test
  void oneWithoutARunSaysSo() {
    assertThat(get(1, folder)).contains("no run has said in " + folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ bad|:1:3: is damaged: no JSON (accepted: a JSON object)",
        "\"text\"|: is damaged: \"\"text\"\" (accepted: a JSON object)",
        "``|: is damaged: \"\" (accepted: a JSON object)",
        "{\"pid\":3}|: url: is damaged: \"\" (accepted: such as http://127.0.0.1:8080)",
        "{\"url\":\"ftp://x\"}|: url: is damaged: \"ftp://x\" (accepted: such as http:",
        "{\"url\":\"http://:::x\"}|: url: is damaged: \"http://:::x\" (accepted: ",
      })
  void aDamagedRecordIsNamedByPlaceAndValue(String content, String why) throws Exception {
    Path record = Files.writeString(folder.resolve("admin.json"), content);

    assertThat(get(1, folder))
        .startsWith("thaw: " + record + why)
        .contains("move it away once nothing of its run is alive");
  }

  @Test
  void aRecordThatCannotBeReadSaysWhy() throws Exception {
    Path record = Files.createDirectory(folder.resolve("admin.json"));

    assertThat(get(1, folder)).contains(record + ": cannot be read: Is a directory (accepted: ");
  }

  @Test
  void aRunThatIsNoMoreIsNobodyAtItsAddress() throws Exception {
    Files.writeString(folder.resolve("admin.json"), "{\"url\":\"http://127.0.0.1:1\",\"pid\":1}");

    assertThat(get(1, folder))
        .contains("nobody answers at http://127.0.0.1:1/v1/workloads: connection refused");
  }
}
