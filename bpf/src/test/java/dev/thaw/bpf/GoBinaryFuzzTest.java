package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lets a coverage-guided fuzzer at the reader of executables, from the kept corpus on: no crash, no
 * hang, no more than 64 MB for any input. {@code make fuzz} does so for an hour.
 */
@Tag("slow")
class GoBinaryFuzzTest {
  private static final int SECONDS = Integer.getInteger("thaw.fuzz.seconds", 60);
  private static final Path KEPT = Path.of("src/test/fuzz/go-binary");

  @TempDir Path folder;

  @Test
  void noInputCrashesHangsOrEatsMemory() throws Exception {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    Files.write(corpus.resolve("exe"), TinyGo.bytes());
    Files.write(corpus.resolve("pie"), TinyGo.relocated());
    copyInto(corpus);
    Path log = Path.of("target", "fuzz.log");

    jazzer(
        log,
        "-artifact_prefix=" + Path.of("target").toAbsolutePath() + "/fuzz-",
        "-max_total_time=" + SECONDS,
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=16384",
        "-print_final_stats=1",
        corpus.toString());

    assertThat(Files.readString(log)).contains("stat::number_of_executed_units");
    if (Boolean.getBoolean("thaw.fuzz.keep")) {
      jazzer(Path.of("target", "fuzz-merge.log"), "-merge=1", KEPT.toString(), corpus.toString());
    }
  }

  private void jazzer(Path log, String... arguments) throws Exception {
    var words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + GoBinaryFuzzer.class.getName(),
                "--instrumentation_includes=dev.thaw.bpf.**",
                "--reproducer_path=" + folder));
    words.addAll(List.of(arguments));
    Process fuzzer =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean ended = fuzzer.waitFor(SECONDS + 120L, TimeUnit.SECONDS);
    fuzzer.destroyForcibly().waitFor();
    assertThat(ended && fuzzer.exitValue() == 0).as(Files.readString(log)).isTrue();
  }

  private static void copyInto(Path corpus) throws IOException {
    try (var kept = Files.list(KEPT)) {
      for (Path file : kept.toList()) {
        Files.copy(file, corpus.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
