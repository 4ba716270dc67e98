package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.NeedsKernel;
import dev.thaw.app.trace.client.Wish;
import dev.thaw.bpf.BpfSupport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Several starts by one runner, as {@code --repeat} and {@code experiment} make them. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class StartRunnerIT {
  @TempDir Path folder;

  /** Steps of the build before would lie in mid-instruction of this one. */
  @Test
  void aProgramThatWasBuiltAnewBetweenTwoStartsIsProbedAtItsOwnSteps() throws Exception {
    Path program = folder.resolve("program");
    var runner = new StartRunner(BpfSupport.check(Optional.empty()), said -> {});
    for (Path build : List.of(GoServer.build(folder), GoServer.build(folder, "-buildmode=pie"))) {
      Files.copy(build, program, StandardCopyOption.REPLACE_EXISTING);

      Start start = runner.run(settings(program));

      assertThat(start.steps())
          .as("%s; %s; lost %s", build, start.end(), start.lost())
          .extracting(Start.Step::name)
          .containsSubsequence(
              "exec", "runtime.schedinit", "main.main", Start.LISTEN, Start.FIRST_200);
    }
  }

  private TraceSettings settings(Path program) {
    return new TraceSettings(
        List.of(program.toString(), "plain"),
        Map.of(),
        OptionalInt.empty(),
        Wish.ANY,
        "/",
        "localhost",
        Optional.empty(),
        OptionalLong.empty(),
        Duration.ofSeconds(30),
        99,
        40,
        TraceSettings.Records.NEVER,
        folder);
  }
}
