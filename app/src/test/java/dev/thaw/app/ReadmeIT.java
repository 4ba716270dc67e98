package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The lines a newcomer copies from the README, run as they stand there in this built checkout. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class ReadmeIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final String HEADING = "## Three lines to try";
  private static final String INDENT = "    ";

  @TempDir Path folder;
  private Process run;

  private record Ended(int code, String said) {}

  @AfterEach
  void end() throws Exception {
    if (run != null) {
      run.destroy();
      if (!run.waitFor(30, TimeUnit.SECONDS)) {
        run.destroyForcibly();
      }
    }
  }

  @Test
  void itsThreeLinesWorkAsWritten() throws Exception {
    List<String> lines = lines();
    Path log = folder.resolve("run.log");

    run = shell(lines.get(0)).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    until(lines.get(1), "Directory listing", log);
    Ended why = until(lines.get(2), "Given 100% of its share", log);

    assertThat(why.said()).contains("hello-1 is", "listen", "What was decided");
    assertThat(run.isAlive()).as(Files.readString(log)).isTrue();
  }

  /** The first block behind the heading. */
  private static List<String> lines() throws Exception {
    List<String> readme = Files.readAllLines(CHECKOUT.resolve("README.md"));
    List<String> lines =
        readme.subList(readme.indexOf(HEADING), readme.size()).stream()
            .dropWhile(line -> !line.startsWith(INDENT))
            .takeWhile(line -> line.startsWith(INDENT))
            .map(String::strip)
            .toList();
    assertThat(lines).as("lines behind " + HEADING).hasSize(3);
    return lines;
  }

  private static ProcessBuilder shell(String line) {
    return new ProcessBuilder("bash", "-c", line).directory(CHECKOUT.toFile());
  }

  /** Tries a line as a person would, until it says this. */
  private Ended until(String line, String wanted, Path log) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    for (; ; ) {
      Process process = shell(line).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      int code = process.waitFor();
      if (code == 0 && said.contains(wanted)) {
        return new Ended(code, said);
      } else if (System.nanoTime() > deadline || !run.isAlive()) {
        throw new AssertionError(
            line
                + " ended with "
                + code
                + ": "
                + said
                + "; the run says: "
                + Files.readString(log));
      }
      Thread.sleep(200);
    }
  }
}
