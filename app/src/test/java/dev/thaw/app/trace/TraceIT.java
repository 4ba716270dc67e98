package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.app.NeedsKernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The command as a user starts it, on the real kernel, with a Go program made here. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class TraceIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_SECONDS = 60;

  @TempDir static Path shared;
  private static Path server;

  @TempDir Path folder;

  @BeforeAll
  static void build() throws Exception {
    server = GoServer.build(shared);
  }

  @Test
  void aGoStartIsExplainedFromExecToPlateau() throws Exception {
    Ended ended =
        thaw(
            "trace", "--out", folder.toString(), "--cpu", "900m", "--", server.toString(), "plain");

    assertThat(ended.code()).as(ended.said()).isZero();
    JsonNode report = report();
    assertThat(steps(report))
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
    JsonNode main = named(report.at("/start/packages"), "main");
    assertThat(main.path("duration").asLong()).isGreaterThan(70_000_000);
    assertThat(report.at("/start/alignment/error").asLong()).isBetween(0L, 50_000_000L);
    assertThat(texts(report.at("/phases/rows"))).contains("init of main", "serving requests");
    assertThat(report.at("/start/calls/0/latency").asLong()).isGreaterThan(50_000_000);
    assertThat(report.at("/setting/goVersion").asText()).startsWith("go1.");
    assertThat(ended.said())
        .contains("package init")
        .contains("The initialisation of package main takes")
        .contains("Warm-up requests before the first user");
  }

  @Test
  void theFilesAreWholeAndTheProgramsOwnProfilesAreAmongThem() throws Exception {
    thaw("trace", "--out", folder.toString(), "--", server.toString(), "plain");

    JsonNode speedscope = JSON.readTree(folder.resolve("start.speedscope.json").toFile());
    assertThat(speedscope.path("$schema").asText()).contains("speedscope");
    assertThat(speedscope.at("/profiles/0/samples").size()).isPositive();
    assertThat(Files.readString(folder.resolve("start.html")))
        .contains("<script type=\"application/json\" id=\"data\">{")
        .doesNotContain("@DATA@")
        .doesNotContain("src=\"http");
    assertThat(Files.size(folder.resolve("go-1.pprof"))).isPositive();
    assertThat(Files.readString(folder.resolve("go-1.trace"), StandardCharsets.ISO_8859_1))
        .startsWith("go 1.");
    assertThat(report().at("/start/recordings").size()).isEqualTo(2);
  }

  @Test
  void whatGoRecordsOfItselfStandsOnTheStartsTimeAxis() throws Exception {
    thaw("trace", "--out", folder.toString(), "--", server.toString(), "plain");

    JsonNode report = report();
    long until = report.path("recordedUntil").asLong();
    long served = at(report, "first 200");
    JsonNode states = report.path("goStates");
    assertThat(texts(states.path("rows"))).contains("goroutines running", "world stopped");
    assertThat(states.path("cells"))
        .isNotEmpty()
        .allSatisfy(
            cell ->
                assertThat((cell.path("column").asLong() + 1) * states.path("columnNanos").asLong())
                    .isBetween(served, until + states.path("columnNanos").asLong()));
    assertThat(report.at("/phases/columnNanos")).isEqualTo(states.path("columnNanos"));
    assertThat(report.path("goWords").toString())
        .contains("Go's execution trace (go-1.trace) is placed within")
        .contains("GOMAXPROCS was");
  }

  @Test
  void eachOfSeveralStartsIsRecordedOnceItIsWarm() throws Exception {
    Ended ended =
        thaw(
            "trace", "--repeat", "2", "--out", folder.toString(), "--", server.toString(), "plain");

    assertThat(ended.code()).as(ended.said()).isZero();
    JsonNode report = report();
    assertThat(folder.resolve("go-2.trace")).exists();
    assertThat(report.path("goStates").path("cells")).isNotEmpty();
    assertThat(report.at("/start/recordings/0/from").asLong()).isGreaterThan(at(report, "plateau"));
  }

  @Test
  void aServerThatSpeaksHttp2AloneIsAskedUntilItsPlateau() throws Exception {
    Ended ended = thaw("trace", "--out", folder.toString(), "--", server.toString(), "h2c");

    assertThat(ended.code()).as(ended.said()).isZero();
    assertThat(ended.said()).contains("finding out that the server speaks h2c");
    assertThat(report().at("/start/calls").size()).isGreaterThan(50);
    assertThat(at(report(), "plateau")).isPositive();
    assertThat(
            thaw(
                    "trace",
                    "--http",
                    "2",
                    "--tls",
                    "off",
                    "--out",
                    folder.toString(),
                    "--",
                    server.toString(),
                    "h2c")
                .said())
        .doesNotContain("finding out");
  }

  @Test
  void aServerThatSpeaksGrpcAloneIsCalled() throws Exception {
    Ended ended = thaw("trace", "--out", folder.toString(), "--", server.toString(), "grpc");

    assertThat(ended.code()).as(ended.said()).isZero();
    assertThat(ended.said()).contains("speaks gRPC grpc.health.v1.Health/Check");
    assertThat(at(report(), "plateau")).isPositive();
    assertThat(report().at("/start/calls/0/status").asInt()).isEqualTo(405);
  }

  @Test
  void packagesOfAMovedAndOfAStrippedProgramHaveTheirNames() throws Exception {
    Path moved = GoServer.build(shared, "-buildmode=pie");
    Path bare = GoServer.build(shared, "-buildmode=pie", "-ldflags=-s -w");
    for (Path program : List.of(moved, bare)) {
      Ended ended =
          thaw(
              "trace",
              "--requests",
              "5",
              "--out",
              folder.toString(),
              "--",
              program.toString(),
              "plain");

      assertThat(ended.code()).as(ended.said()).isZero();
      JsonNode report = report();
      assertThat(texts(report.at("/start/packages"), "name"))
          .contains("runtime", "net/http")
          .doesNotContain("(stripped)")
          .endsWith("main");
      assertThat(named(report.at("/start/packages"), "main").path("duration").asLong())
          .isGreaterThan(70_000_000);
    }
  }

  @Test
  void whatAnswersNo200IsToldWithItsStatusBeforeTheDeadline() throws Exception {
    Ended ended =
        thaw(
            "trace",
            "--deadline",
            "3",
            "--out",
            folder.toString(),
            "--",
            "python3",
            "-m",
            "http.server",
            "--directory",
            folder.toString(),
            "--bind",
            "127.0.0.1",
            "18712");

    assertThat(ended.code()).isZero();
    Ended missing =
        thaw(
            "trace",
            "--deadline",
            "3",
            "--path",
            "/nothing",
            "--out",
            folder.toString(),
            "--",
            "python3",
            "-m",
            "http.server",
            "--bind",
            "127.0.0.1",
            "18712");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.said())
        .contains("it answers 404 to /nothing (--path asks for another page)")
        .contains("It never served: no 200 for /nothing within 3 s, it answers 404");
  }

  @Test
  void aHandshakeIsSplitAndItsKeyWeighed() throws Exception {
    Path rsa = folder.resolve("rsa");
    Path ecdsa = folder.resolve("ecdsa");

    Ended slow =
        thaw("trace", "--tls", "on", "--out", rsa.toString(), "--", server.toString(), "rsa");
    Ended quick = thaw("trace", "--out", ecdsa.toString(), "--", server.toString(), "ecdsa");

    assertThat(slow.said())
        .contains("key RSA-2048")
        .contains("a P-256 certificate would save about");
    assertThat(quick.said())
        .contains("key P-256")
        .contains("finding out that the server speaks h2")
        .doesNotContain("certificate would save");
    assertThat(half(JSON.readTree(rsa.resolve("start.json").toFile())))
        .isGreaterThan(half(JSON.readTree(ecdsa.resolve("start.json").toFile())));
  }

  @Test
  void aWrapperIsFollowedToWhatItBecomes() throws Exception {
    Ended ended =
        thaw(
            "trace",
            "--repeat",
            "2",
            "--out",
            folder.toString(),
            "--",
            "sh",
            "-c",
            "sleep 0.05; exec " + server + " plain");

    assertThat(ended.code()).as(ended.said()).isZero();
    assertThat(ended.said()).contains("start 2 of 2").contains("wrappers");
    assertThat(report().at("/measures/exec to first 200").size()).isEqualTo(2);
  }

  @Test
  void aSlowerBuildIsFoundByItsRanks() throws Exception {
    Path before = folder.resolve("before");
    Path after = folder.resolve("after");
    String baseline = before.resolve("start.json").toString();
    thaw(
        "trace",
        "--repeat",
        "4",
        "--requests",
        "5",
        "--out",
        before.toString(),
        "--",
        server.toString(),
        "plain");

    Ended slower =
        thaw(
            "trace",
            "--repeat",
            "4",
            "--requests",
            "5",
            "--baseline",
            baseline,
            "--out",
            after.toString(),
            "--",
            server.toString(),
            "plain",
            "slower");
    Ended refused =
        thaw(
            "trace",
            "--baseline",
            baseline,
            "--out",
            after.toString(),
            "--",
            server.toString(),
            "plain");

    assertThat(slower.code()).as(slower.said()).isEqualTo(TraceCommand.SLOWER);
    assertThat(slower.said()).contains("exec to listen got slower");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.said()).contains("cannot show a difference");
  }

  @Test
  void whatNeverListensIsSaidWithItsExitCode() throws Exception {
    Ended ended = thaw("trace", "--out", folder.toString(), "--", "false");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.said()).contains("the command ended with 1 before it listened");
  }

  @Test
  void whatEndsByASignalIsToldWithItsNameAndItsLastWords() throws Exception {
    Ended ended =
        thaw(
            "trace",
            "--out",
            folder.toString(),
            "--",
            "sh",
            "-c",
            "echo there is no table orders; kill -SEGV $$");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.said())
        .contains("the command ended with 139 (SIGSEGV) before it listened")
        .contains("there is no table orders")
        .contains("command-1.log");
  }

  @Test
  void aMemoryLimitThatKillsIsWhatAStartIsMostSensitiveTo() throws Exception {
    Ended ended =
        thaw(
            "experiment",
            "--memory",
            "4Mi,512Mi",
            "--runs",
            "4",
            "--requests",
            "2",
            "--out",
            folder.toString(),
            "--",
            server.toString(),
            "plain");

    assertThat(ended.code()).as(ended.said()).isZero();
    assertThat(ended.said())
        .contains(
            "most sensitive to memory: at 4Mi 4 of 4 did not answer (4 killed for want of memory), at 512Mi all 4 starts answered")
        .contains("no answer [no answer, no answer]");
  }

  @Test
  void withoutTheRightsItTellsWhatItCanAndWhatItLost() throws Exception {
    Ended ended =
        ended(
            List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"),
            "trace",
            "--out",
            folder.toString(),
            "--",
            server.toString(),
            "plain");

    assertThat(ended.code()).as(ended.said()).isZero();
    assertThat(ended.said())
        .contains("off: capabilities")
        .contains("until it listens")
        .contains("not seen: steps between exec and listen");
    assertThat(named(report().at("/start/packages"), "main").path("duration").asLong())
        .isGreaterThan(70_000_000);
  }

  @Test
  void anExperimentFillsEveryCellOfItsGrid() throws Exception {
    Ended ended =
        thaw(
            "experiment",
            "--cpu",
            "200m,1",
            "--memory",
            "64Mi,512Mi",
            "--runs",
            "5",
            "--requests",
            "2",
            "--out",
            folder.toString(),
            "--",
            server.toString(),
            "plain");

    assertThat(ended.code()).as(ended.said()).isZero();
    JsonNode cells = JSON.readTree(folder.resolve("experiment.json").toFile()).at("/grid/cells");
    assertThat(cells).hasSize(4).allSatisfy(cell -> assertThat(cell.path("values")).hasSize(5));
    assertThat(cells.get(0).path("throttled").asLong())
        .as("throttled at 200m")
        .isGreaterThan(cells.get(1).path("throttled").asLong());
    assertThat(ended.said()).contains("sensitive to CPU");
    assertThat(folder.resolve("experiment.html")).exists();
  }

  @Test
  void wrongWordsAreRefusedInOneSentence() throws Exception {
    assertThat(thaw("trace", "--tls", "maybe", "--", "true"))
        .isEqualTo(new Ended(2, "thaw: --tls: \"maybe\" (expected: on, off or auto)\n"));
    assertThat(
            thaw(
                    "trace",
                    "--baseline",
                    "/etc/passwd",
                    "--repeat",
                    "5",
                    "--out",
                    folder.toString(),
                    "--",
                    "true")
                .said())
        .contains("no start.json of thaw trace");
  }

  private JsonNode report() throws IOException {
    return JSON.readTree(folder.resolve("start.json").toFile());
  }

  private static List<String> steps(JsonNode report) {
    return texts(report.at("/start/steps"), "name");
  }

  private static long at(JsonNode report, String step) {
    return named(report.at("/start/steps"), step).path("at").asLong();
  }

  private static List<String> texts(JsonNode array, String... field) {
    var texts = new ArrayList<String>();
    array.forEach(each -> texts.add((field.length == 0 ? each : each.path(field[0])).asText()));
    return texts;
  }

  private static JsonNode named(JsonNode array, String name) {
    for (JsonNode each : array) {
      if (each.path("name").asText().equals(name)) {
        return each;
      }
    }
    throw new AssertionError(name + " is not among " + array);
  }

  private static long half(JsonNode report) {
    return report.at("/start/keyExchange/0/median").asLong();
  }

  /** What a command said, both ways, and its exit code. */
  private record Ended(int code, String said) {}

  private static Ended thaw(String... words) throws Exception {
    return ended(List.of(), words);
  }

  private static Ended ended(List<String> before, String... words) throws Exception {
    var command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.thaw.app.Main"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("did not end: " + said);
    }
    return new Ended(process.exitValue(), said);
  }
}
