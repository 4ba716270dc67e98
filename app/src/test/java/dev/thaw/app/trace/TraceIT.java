package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.app.NeedsKernel;
import dev.thaw.app.trace.Thaw.Ended;
import dev.thaw.app.trace.Thaw.Told;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a trace tells of a Go program's start, on the real kernel. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class TraceIT {
  /** Package main of the program under trace burns 80 ms. */
  private static final long MOST_OF_MAINS_INIT = 70_000_000;

  @RegisterExtension static final GoServer SERVER = new GoServer();

  @TempDir Path folder;

  @Test
  void aGoStartIsExplainedFromExecToPlateau() throws Exception {
    Ended ended = Thaw.trace(folder).with("--cpu", "900m").of(SERVER.program(), "plain").with(0);

    Told told = Told.in(folder);
    assertThat(told.steps())
        .containsSubsequence(
            "exec",
            "entry",
            "runtime.schedinit",
            "runtime.mallocinit",
            "runtime.main",
            "runtime.gcenable",
            "main.main",
            "listen",
            "first 200",
            "plateau");
    assertThat(told.init("main")).isGreaterThan(MOST_OF_MAINS_INIT);
    assertThat(told.at("/start/alignment/error").asLong()).isBetween(0L, 50_000_000L);
    assertThat(told.texts("/phases/rows")).contains("init of main", "serving requests");
    assertThat(told.at("/start/calls/0/latency").asLong()).isGreaterThan(50_000_000);
    assertThat(told.at("/setting/goVersion").asText()).startsWith("go1.");
    assertThat(ended.said())
        .contains("package init")
        .contains("The initialisation of package main takes")
        .contains("Warm-up requests before the first user");
  }

  @Test
  void theFilesAreWholeAndTheProgramsOwnProfilesAreAmongThem() throws Exception {
    Thaw.trace(folder).of(SERVER.program(), "plain").with(0);

    JsonNode speedscope = Thaw.json(folder.resolve("start.speedscope.json"));
    assertThat(speedscope.path("$schema").asText()).contains("speedscope");
    assertThat(speedscope.at("/profiles/0/samples").size()).isPositive();
    assertThat(Files.readString(folder.resolve("start.html")))
        .contains("<script type=\"application/json\" id=\"data\">{")
        .doesNotContain("@DATA@")
        .doesNotContain("src=\"http");
    assertThat(Files.size(folder.resolve("go-1.pprof"))).isPositive();
    assertThat(Files.readString(folder.resolve("go-1.trace"), StandardCharsets.ISO_8859_1))
        .startsWith("go 1.");
    assertThat(Told.in(folder).at("/start/recordings").size()).isEqualTo(2);
  }

  @Test
  void whatGoRecordsOfItselfStandsOnTheStartsTimeAxis() throws Exception {
    Thaw.trace(folder).of(SERVER.program(), "plain").with(0);

    Told told = Told.in(folder);
    long column = told.at("/goStates/columnNanos").asLong();
    long until = told.at("/recordedUntil").asLong();
    assertThat(told.texts("/goStates/rows")).contains("goroutines running", "world stopped");
    assertThat(told.at("/goStates/cells"))
        .isNotEmpty()
        .allSatisfy(
            cell ->
                assertThat((cell.path("column").asLong() + 1) * column)
                    .isBetween(told.step("first 200"), until + column));
    assertThat(told.at("/phases/columnNanos").asLong()).isEqualTo(column);
    assertThat(told.at("/goWords").toString())
        .contains("Go's execution trace (go-1.trace) is placed within")
        .contains("GOMAXPROCS was");
  }

  @Test
  void eachOfSeveralStartsIsRecordedOnceItIsWarm() throws Exception {
    Thaw.trace(folder).with("--repeat", "2").of(SERVER.program(), "plain").with(0);

    Told told = Told.in(folder);
    assertThat(folder.resolve("go-2.trace")).exists();
    assertThat(told.at("/goStates/cells")).isNotEmpty();
    assertThat(told.at("/start/recordings/0/from").asLong()).isGreaterThan(told.step("plateau"));
  }

  @Test
  void packagesOfAMovedAndOfAStrippedProgramHaveTheirNames() throws Exception {
    Path moved = GoServer.build(folder, "-buildmode=pie");
    Path bare = GoServer.build(folder, "-buildmode=pie", "-ldflags=-s -w");
    for (Path program : List.of(moved, bare)) {
      Thaw.trace(folder).with("--requests", "5").of(program, "plain").with(0);

      Told told = Told.in(folder);
      assertThat(told.names("/start/packages"))
          .contains("runtime", "net/http")
          .doesNotContain("(stripped)")
          .endsWith("main");
      assertThat(told.init("main")).isGreaterThan(MOST_OF_MAINS_INIT);
    }
  }

  @Test
  void aWrapperIsFollowedToWhatItBecomes() throws Exception {
    Ended ended =
        Thaw.trace(folder)
            .with("--repeat", "2")
            .of("sh", "-c", "sleep 0.05; exec " + SERVER.program() + " plain")
            .with(0);

    assertThat(ended.said()).contains("start 2 of 2").contains("wrappers");
    assertThat(Told.in(folder).at("/measures/exec to first 200").size()).isEqualTo(2);
  }

  @Test
  void aSlowerBuildIsFoundByItsRanks() throws Exception {
    Path before = folder.resolve("before");
    Path after = folder.resolve("after");
    String baseline = before.resolve("start.json").toString();
    Thaw.trace(before)
        .with("--repeat", "4", "--requests", "5")
        .of(SERVER.program(), "plain")
        .with(0);

    Ended slower =
        Thaw.trace(after)
            .with("--repeat", "4", "--requests", "5", "--baseline", baseline)
            .of(SERVER.program(), "plain", "slower");
    Ended tooFew = Thaw.trace(after).with("--baseline", baseline).of(SERVER.program(), "plain");
    Ended unlike =
        Thaw.trace(after)
            .with("--repeat", "4", "--baseline", baseline)
            .of(SERVER.program(), "plain");

    assertThat(slower.with(TraceCommand.SLOWER).said()).contains("exec to listen got slower");
    assertThat(tooFew.with(2).said()).contains("cannot show a difference");
    assertThat(unlike.with(2).said())
        .contains("made with --requests 5 (this trace: 1000)")
        .doesNotContain("tracing");
  }

  @Test
  void withoutTheRightsItTellsWhatItCanAndWhatItLost() throws Exception {
    Ended ended = Thaw.trace(folder).withoutRights().of(SERVER.program(), "plain").with(0);

    assertThat(ended.said())
        .contains(
            "off: steps before it listens, stacks, waits for a processor, limits: without CAP_")
        .contains("run as root")
        .contains("until it listens")
        .contains("    init main")
        .contains("not seen: steps between exec and listen")
        .doesNotContain("replicas")
        .doesNotContain("speedscope");
    assertThat(Told.in(folder).init("main")).isGreaterThan(MOST_OF_MAINS_INIT);
  }
}
