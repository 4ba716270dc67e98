package dev.thaw.app;

import static dev.thaw.app.Victim.HOST;
import static dev.thaw.app.Victim.NAME;
import static dev.thaw.app.Victim.PORT;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.CgroupLayout;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code thaw run} does not begin: one sentence, the right exit code, nothing started. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class RefusalsIT {
  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder);
  }

  private static void refused(Run.Ended ended, int code, String... why) {
    assertThat(ended.said()).contains(why).doesNotContain("java.", "\tat ");
    assertThat(ended.code()).as(ended.said()).isEqualTo(code);
  }

  @Test
  void wrongUsageEndsWithTwoBeforeAnythingStarts() throws Exception {
    String policy = victim.policy.toString();
    refused(Run.of("run", "--policy", policy, "--", "no-such-command"), 2, "not found on PATH");
    refused(Run.of("run", "--policy", policy, "--", "/no/such"), 2, "there is no such file");
    Path plain = Files.writeString(folder.resolve("plain"), "text");
    Files.setPosixFilePermissions(plain, PosixFilePermissions.fromString("rw-r--r--"));
    refused(Run.of("run", "--policy", policy, "--", plain.toString()), 2, "may not be executed");
    refused(Run.of("run", "--policy", "/nonexistent.yaml", "--", "/bin/true"), 2, "no such file");
    refused(victim.toItsEnd("--bogus"), 2, "--bogus");
    refused(victim.toItsEnd("--restart", "sometimes"), 2, "expected: never, on-failure or always");
    refused(victim.toItsEnd("--cover", folder.toString()), 2, "no cgroup2 folder");
    assertThat(victim.state).doesNotExist();
  }

  @Test
  void aPolicyWithAnUnknownKeyAndAWrongValueIsRefusedNamingBoth() throws Exception {
    victim.policy("startDeadlin: 3s", "probe: { timeout: soon }");
    refused(victim.toItsEnd(), 2, "startDeadlin", "soon");
    assertThat(victim.state).doesNotExist();
  }

  @Test
  void aServiceAddressThatSomebodyListensOnIsRefusedNamingHim() throws Exception {
    String us = "process " + ProcessHandle.current().pid();
    try (var taken = new ServerSocket(PORT, 1, InetAddress.getByName(HOST))) {
      refused(victim.toItsEnd(), 1, "service address", us);
      assertThat(taken.isBound()).isTrue();
    }
    try (var taken = new ServerSocket(PORT, 1, InetAddress.getByName("::1"))) {
      victim.service("[::1]:" + PORT).policy();
      refused(victim.toItsEnd(), 1, "service address [::1]:" + PORT, us);
      assertThat(taken.isBound()).isTrue();
    }
  }

  @Test
  void anAdminPortThatIsTakenIsRefusedNamingWhoHasIt() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      refused(
          victim.toItsEnd("--admin-port", Integer.toString(taken.getLocalPort())),
          1,
          "the admin port",
          "process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void whoIsRefusedLeavesNoStateFolderAndAnOlderOneAsItWas() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      refused(victim.toItsEnd("--admin-port", port), 1, "the admin port");
      assertThat(victim.state).doesNotExist();

      Path journal = folder.resolve("state").resolve("journal.mv.db");
      try (Run run = victim.run(1)) {
        run.await("full", pod(0));
        assertThat(run.end()).isZero();
      }
      byte[] decided = Files.readAllBytes(journal);
      List<Path> before = paths();

      refused(victim.toItsEnd("--admin-port", port), 1, "the admin port");

      assertThat(paths()).isEqualTo(before);
      assertThat(Files.readAllBytes(journal)).isEqualTo(decided);
    }
    refused(victim.toItsEnd("--adopt"), 1, "nothing to adopt");
  }

  private List<Path> paths() throws Exception {
    try (Stream<Path> all = Files.walk(victim.state)) {
      return all.sorted().toList();
    }
  }

  @Test
  void aSecondRunIsRefusedOnTheSameStateFolderAndOnAnotherOfTheSamePolicy() throws Exception {
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));

      refused(victim.toItsEnd(), 1, "in use by process " + run.pid());
      refused(
          Run.of(
              "run",
              "--policy",
              victim.policy.toString(),
              "--state",
              folder.resolve("other").toString(),
              "--",
              "/bin/true"),
          1,
          "another run of policy " + NAME + " is alive");
      Path twin = folder.resolve("twin.yaml");
      Files.writeString(twin, Files.readString(victim.policy).replace(NAME, NAME + "-twin"));
      refused(
          Run.of(
              "run",
              "--policy",
              twin.toString(),
              "--state",
              folder.resolve("twin").toString(),
              "--",
              "/bin/true"),
          1,
          "balanced by the run of policy " + NAME);

      assertThat(Victim.ask()).isEqualTo(200);
      assertThat(victim.pod(pod(0)).path("state").asText()).isEqualTo("full");
    }
  }

  @Test
  void aDamagedJournalIsRefusedInASentenceAndKept() throws Exception {
    Files.createDirectories(victim.state);
    Path journal = Files.writeString(victim.state.resolve("journal.mv.db"), "this is no database");
    refused(victim.toItsEnd(), 1, "journal.mv.db", "is damaged");
    assertThat(Files.readString(journal)).isEqualTo("this is no database");
  }

  @Test
  void aDamagedRecordOfAKilledRunIsRefusedAndKept() throws Exception {
    Files.createDirectories(victim.state);
    Path record = Files.writeString(victim.state.resolve("run.json"), "{ \"run_id\": ");
    refused(victim.toItsEnd("--adopt"), 1, "run.json", "is damaged");
    assertThat(Files.readString(record)).isEqualTo("{ \"run_id\": ");
  }

  @Test
  void adoptWithNothingToAdoptIsRefused() throws Exception {
    refused(victim.toItsEnd("--adopt"), 1, "nothing to adopt");
  }

  @Test
  void aForeignProgramThatLetsNobodyBesideItIsRefusedByName() throws Exception {
    Path parent = CgroupLayout.detect().unified().orElseThrow().resolve(NAME);
    Path child = parent.resolve("below");
    Path pins = Path.of("/sys/fs/bpf", NAME + "-foreign");
    Path object = Path.of("..", "bpf", "target", "classes", "dev", "thaw", "bpf", "balance.bpf.o");
    Files.createDirectories(child);
    try {
      tool("bpftool", "prog", "loadall", object.toString(), pins.toString());
      String program = pins.resolve("on_connect4").toString();
      tool("bpftool", "cgroup", "attach", parent.toString(), "connect4", "pinned", program);

      for (Path cover : new Path[] {parent, child}) {
        refused(
            victim.toItsEnd("--cover", cover.toString()),
            1,
            "connect4 of cgroup " + parent,
            "(on_connect4)",
            "lets nobody beside it");
      }
    } finally {
      tool("rm", "-rf", pins.toString());
      tool("rmdir", child.toString(), parent.toString());
    }
  }

  private static void tool(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(String.join(" ", words) + ": " + said).isZero();
  }

  @Test
  void withSeveralRunsAliveAVerbListsThemAndAsksForOne() throws Exception {
    Path home = StateFolder.home();
    var one = new StateFolder(home.resolve(NAME + "-a"));
    var other = new StateFolder(home.resolve(NAME + "-b"));
    try (one;
        other) {
      one.lock();
      other.lock();

      refused(Run.of("get"), 2, "several runs are alive", one.path() + "", other.path() + "");
    } finally {
      tool("rm", "-rf", one.path().toString(), other.path().toString());
    }
  }
}
