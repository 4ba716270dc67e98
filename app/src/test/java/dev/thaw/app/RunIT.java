package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code thaw run} as a process of its own, on the real kernel. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class RunIT {
  private static final String NAME = "it-" + ProcessHandle.current().pid();
  private static final String HOST = "127.100.77.1";
  private static final int PORT = 18711;
  private static final String SERVER =
      """
      import http.server, sys
      mode = sys.argv[3] if len(sys.argv) > 3 else ''
      class H(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def do_GET(self):
          self.send_response(500 if mode == '500' else 200)
          self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'ok')
        def log_message(self, *a): pass
      http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), H).serve_forever()
      """;

  @TempDir Path folder;
  private Path policy;
  private Path server;
  private Path state;

  @BeforeEach
  void files() throws Exception {
    policy = write("startDeadline: 30s");
    server = Files.writeString(folder.resolve("server.py"), SERVER);
    state = folder.resolve("state");
  }

  private Path write(String extra) throws Exception {
    return Files.writeString(
        folder.resolve("policy.yaml"),
        """
        apiVersion: thaw.dev/v1alpha1
        kind: WarmupPolicy
        metadata: { name: %s }
        spec:
          service: %s:%d
          %s
          birth:
            floor: 0s
            ladder:
              - { weight: 5, hold: 3s }
              - { weight: 100, hold: 1s }
        """
            .formatted(NAME, HOST, PORT, extra));
  }

  private Run run(int replicas, String... mode) throws Exception {
    var words =
        new java.util.ArrayList<>(
            java.util.List.of(
                "--policy",
                policy.toString(),
                "--state",
                state.toString(),
                "--replicas",
                Integer.toString(replicas),
                "--restart",
                "never",
                "--",
                "/usr/bin/env",
                "python3",
                server.toString(),
                "{addr}",
                "{port}"));
    words.addAll(java.util.List.of(mode));
    return Run.start(folder, words.toArray(String[]::new));
  }

  private static int ask() throws Exception {
    return ask("http://" + HOST + ":" + PORT + "/");
  }

  /** Full is said on its decision; the kernel takes the table some milliseconds later. */
  private static int ask(String url) throws Exception {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    for (int tries = 100; ; tries--) {
      try {
        return client
            .send(
                HttpRequest.newBuilder(URI.create(url)).build(),
                HttpResponse.BodyHandlers.discarding())
            .statusCode();
      } catch (ConnectException e) {
        if (tries == 0) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  @Test
  void theFirstGoesFullTheSecondClimbsAndUsersReachThemByOneAddress() throws Exception {
    try (Run run = run(2)) {
      JsonNode first = run.await("full", "");
      assertThat(ask()).isEqualTo(200);
      String second = first.path("pod").asText().equals(NAME + "-0") ? NAME + "-1" : NAME + "-0";
      run.await(
          e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 5, "5 %");
      run.await("full", second);
      Run.Ended why = Run.of("why", second, "--state", state.toString());
      assertThat(why.code()).isZero();
      assertThat(why.said()).contains("listen", "Given 5% of its share", "Given 100% of its share");
      Run.Ended get = Run.of("get", "-o", "json", "--state", state.toString());
      assertThat(get.said()).contains("\"state\" : \"full\"");
      assertThat(Run.of("abort", NAME, "--state", state.toString()))
          .as("a verb that would leave nobody")
          .matches(ended -> ended.code() == 1)
          .matches(ended -> !ended.said().contains("Exception"));
      assertThat(run.end()).isZero();
    }
    assertThat(Path.of("/sys/fs/bpf/thaw", NAME)).doesNotExist();
    assertThat(state.resolve("run.json")).doesNotExist();
  }

  @Test
  void theReadmesThreeLinesWork() throws Exception {
    Path hello = Path.of("..", "examples", "hello.yaml");
    try (Run run =
        Run.start(
            folder,
            "--policy",
            hello.toString(),
            "--replicas",
            "2",
            "--state",
            state.toString(),
            "--",
            "python3",
            "-m",
            "http.server",
            "--bind",
            "{addr}",
            "{port}")) {
      run.await("full", "");
      assertThat(ask("http://127.100.0.1:8080/")).isEqualTo(200);
      assertThat(Run.of("why", "hello-1", "--state", state.toString()).said())
          .contains("hello-1 is", "listen", "What was decided");
    }
  }

  @Test
  void aKilledRunsTrafficGoesOnAndAnAdopterFinishesTheLadder() throws Exception {
    String climber;
    long warmPid = 0;
    try (Run run = run(2)) {
      JsonNode rung =
          run.await(
              e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 5, "5 %");
      climber = rung.path("pod").asText();
      for (JsonNode pod :
          new ObjectMapper()
              .readTree(Run.of("get", "-o", "json", "--state", state.toString()).said())
              .path("pods")) {
        if (!pod.path("name").asText().equals(climber)) {
          warmPid = pod.path("pid").asLong();
        }
      }
      run.kill();
    }
    assertThat(ask()).as("without Thaw").isEqualTo(200);
    String warm = climber.endsWith("-0") ? NAME + "-1" : NAME + "-0";
    ProcessHandle.of(warmPid).ifPresent(ProcessHandle::destroyForcibly);
    Run.Ended refused =
        Run.of(
            "run", "--policy", policy.toString(), "--state", state.toString(), "--", "/bin/true");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.said()).contains("--adopt", "--cleanup");
    try (Run adopter =
        Run.start(
            folder,
            "--policy",
            policy.toString(),
            "--state",
            state.toString(),
            "--adopt",
            "--",
            "/usr/bin/env",
            "python3",
            server.toString(),
            "{addr}",
            "{port}")) {
      adopter.await("full", climber);
      adopter.await("full", warm); // killed while nobody looked: started anew
      Run.Ended why = Run.of("why", climber, "--state", state.toString());
      assertThat(why.said()).contains("took over as writer number 2");
      assertThat(adopter.end()).isZero();
    }
    assertThat(Path.of("/sys/fs/bpf/thaw", NAME)).doesNotExist();
  }

  @Test
  void whatAKilledRunLeftIsEndedByCleanup() throws Exception {
    try (Run run = run(1)) {
      run.await("full", "");
      run.kill();
    }
    Run.Ended cleaned =
        Run.of(
            "run",
            "--policy",
            policy.toString(),
            "--state",
            state.toString(),
            "--cleanup",
            "--restart",
            "never",
            "--",
            "/bin/true");
    assertThat(cleaned.code()).as(cleaned.said()).isZero();
    assertThat(Path.of("/sys/fs/bpf/thaw", NAME)).doesNotExist();
  }

  @Test
  void aCommandThatCrashesShowsItsLastLinesAndTheRunEndsWithOne() throws Exception {
    try (Run run =
        Run.start(
            folder,
            "--policy",
            policy.toString(),
            "--state",
            state.toString(),
            "--restart",
            "never",
            "--",
            "/bin/sh",
            "-c",
            "echo no database; exit 3")) {
      assertThat(run.await("gone", NAME + "-0").path("exit_code").asInt()).isEqualTo(3);
      assertThat(run.awaitEnd()).isEqualTo(1);
      assertThat(run.said()).contains("no database").doesNotContain("Exception");
    }
  }

  @Test
  void whoNeverListensIsEjectedAtItsDeadlineAndTheRunGoesOn() throws Exception {
    policy = write("startDeadline: 1s");
    try (Run run =
        Run.start(
            folder,
            "--policy",
            policy.toString(),
            "--state",
            state.toString(),
            "--",
            "/bin/sleep",
            "60")) {
      JsonNode ejected = run.await("ejected", NAME + "-0");
      assertThat(ejected.path("reason").asText()).isEqualTo("NeverServed");
      assertThat(ejected.path("detail").asText()).contains("never listened on port " + PORT);
    }
  }

  @Test
  void whoAnswersFiveHundredIsEjectedWithItsLastError() throws Exception {
    policy = write("startDeadline: 2s");
    try (Run run = run(1, "500")) {
      JsonNode ejected = run.await("ejected", NAME + "-0");
      assertThat(ejected.path("detail").asText()).contains("500");
    }
  }

  @Test
  void aSecondInstanceOnTheSameStateFolderIsRefusedNamingTheFirst() throws Exception {
    try (Run run = run(1)) {
      run.await("started", "");
      Run.Ended second =
          Run.of(
              "run", "--policy", policy.toString(), "--state", state.toString(), "--", "/bin/true");
      assertThat(second.code()).isEqualTo(1);
      assertThat(second.said()).contains("in use by process");
    }
  }

  @Test
  void aServiceAddressThatSomebodyListensOnIsRefusedNamingHim() throws Exception {
    try (var taken = new ServerSocket(PORT, 1, InetAddress.getByName(HOST))) {
      Run.Ended refused =
          Run.of(
              "run", "--policy", policy.toString(), "--state", state.toString(), "--", "/bin/true");
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.said())
          .contains("service address", "process " + ProcessHandle.current().pid());
      assertThat(taken.isBound()).isTrue();
    }
  }

  @Test
  void aDamagedJournalIsRefusedInASentenceAndKept() throws Exception {
    Files.createDirectories(state);
    Files.writeString(state.resolve("journal.mv.db"), "this is no database");
    Run.Ended refused =
        Run.of(
            "run", "--policy", policy.toString(), "--state", state.toString(), "--", "/bin/true");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.said()).contains("journal.mv.db", "is damaged").doesNotContain("\tat ");
    assertThat(Files.readString(state.resolve("journal.mv.db"))).isEqualTo("this is no database");
  }

  @Test
  void adoptWithNothingToAdoptIsRefused() throws Exception {
    Run.Ended refused =
        Run.of(
            "run",
            "--policy",
            policy.toString(),
            "--state",
            state.toString(),
            "--adopt",
            "--",
            "/bin/true");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.said()).contains("nothing to adopt");
  }

  @Test
  void wrongUsageEndsWithTwoBeforeAnythingStarts() throws Exception {
    assertThat(Run.of("run", "--policy", policy.toString(), "--", "no-such-command-at-all").code())
        .isEqualTo(2);
    assertThat(Run.of("run", "--policy", "/nonexistent.yaml", "--", "/bin/true").code())
        .isEqualTo(2);
    assertThat(Run.of("run", "--bogus").code()).isEqualTo(2);
    Files.writeString(policy, Files.readString(policy).replace("service:", "servise:"));
    Run.Ended bad = Run.of("policy", "validate", policy.toString());
    assertThat(bad.code()).isEqualTo(2);
    assertThat(bad.said()).contains("servise");
  }
}
