package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.bpf.preflight.Check;
import dev.thaw.bpf.preflight.Part;
import dev.thaw.bpf.preflight.Preflight;
import dev.thaw.bpf.preflight.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the checks of a machine are printed. */
class PreflightCommandTest {
  private static final Preflight DEGRADED =
      new Preflight(
          List.of(
              new Check(
                  "kernel", Verdict.OK, "Linux 6.1", "Linux 5.8 or later", "", "", Set.of(), ""),
              new Check(
                  "cpu-controller",
                  Verdict.DEGRADED,
                  "in no hierarchy",
                  "the cpu controller",
                  "--cpu-limit is refused",
                  "delegate it",
                  Set.of(Part.LIMITS),
                  "line one")));

  @Test
  void theTableIsAlignedAndEndsWithASentence() {
    assertThat(PreflightCommand.table(DEGRADED, true))
        .isEqualTo(
            """
            ok        kernel          Linux 6.1
            degraded  cpu-controller  in no hierarchy
                                      needed the cpu controller
                                      so     --cpu-limit is refused
                                      cure   delegate it

            degraded: 1 of 2 checks failed; begin with cpu-controller: delegate it
            """);
    assertThat(PreflightCommand.table(DEGRADED, false)).endsWith("--load tries that too.\n");
  }

  @Test
  void theJsonHoldsEveryFieldOfEveryCheck() throws Exception {
    JsonNode page = new ObjectMapper().readTree(PreflightCommand.json(DEGRADED));

    assertThat(page.path("verdict").asText()).isEqualTo("degraded");
    JsonNode check = page.path("checks").path(1);
    assertThat(check.path("name").asText()).isEqualTo("cpu-controller");
    assertThat(check.path("found").asText()).isEqualTo("in no hierarchy");
    assertThat(check.path("needed").asText()).isEqualTo("the cpu controller");
    assertThat(check.path("consequence").asText()).isEqualTo("--cpu-limit is refused");
    assertThat(check.path("cure").asText()).isEqualTo("delegate it");
    assertThat(check.path("off").path(0).asText()).isEqualTo("limits");
    assertThat(check.path("detail").asText()).isEqualTo("line one");
    assertThat(page.path("checks").path(0).has("detail")).isFalse();
  }

  @Test
  void theExitCodeIsTheVerdictOnThisMachine() throws Exception {
    var out = new StringWriter();

    int code = Main.commandLine().setOut(new PrintWriter(out, true)).execute("preflight", "--json");

    JsonNode page = new ObjectMapper().readTree(out.toString());
    assertThat(code)
        .isEqualTo(
            switch (page.path("verdict").asText()) {
              case "fit" -> 0;
              case "degraded" -> 3;
              default -> 4;
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc", "/nowhere", "LIKE_V1"})
  void aCoverThatIsNoGroupOfCgroup2IsWrongUsage(String cover, @TempDir Path folder)
      throws Exception {
    Files.createFile(folder.resolve("cgroup.procs")); // as v1's folders have it too
    var err = new StringWriter();

    int code =
        Main.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute("preflight", "--cover", cover.equals("LIKE_V1") ? folder.toString() : cover);

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("is no cgroup2 folder");
  }

  @Test
  void outputThatCannotBeWrittenIsAFailure() {
    var full =
        new OutputStream() {
          @Override
          public void write(int octet) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    var err = new StringWriter();

    int code =
        Main.run(
            Main.commandLine().setOut(new PrintWriter(full)).setErr(new PrintWriter(err, true)),
            "version");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("could not be written");
  }
}
