package dev.thaw.app;

import static dev.thaw.app.Victim.PORT;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of Thaw, and a replica that comes up while nobody is there to hear it. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class KillIT {
  private static final List<String> MARKS = List.of("runtime_main", "main_main", "serve");

  /** Runs the program until it is told to do some work and to become it. */
  private static final String WRAPPER =
      """
      until [ -e %1$s/go ]; do %2$s; sleep 0.1; done
      i=0; while [ $i -lt %3$d ]; do /bin/true; i=$((i+1)); done
      exec %2$s "$@"
      """;

  @TempDir Path folder;
  private Victim victim;
  private Path service;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder).policy("startDeadline: 120s");
    service = GoService.build(folder);
  }

  @Test
  void everySignalOfAStartThatNobodyHeardIsToldByTheNextWithTheKernelsTimes() throws Exception {
    int pid = killedBeforeItsStart(0, "{port}");
    Instant before = Instant.now();
    try (Run adopter = adopt("{port}")) {
      JsonNode listen = adopter.await("listen", pod(0));

      assertThat(listen.path("pid").asInt()).as("the kernel's word").isEqualTo(pid);
      assertThat(at(listen)).isBefore(before);
      assertThat(lastBefore(before, adopter, "exec").path("pid").asInt()).isEqualTo(pid);
      adopter.await("full", pod(0));
      marksBetween(at(lastBefore(before, adopter, "exec")), before, adopter);
      assertThat(adopter.seen("degraded")).isEmpty();
    }
  }

  /** Of two listeners the kernel's row holds the last: the first is found in /proc. */
  @Test
  void aRingThatOverflowedIsCountedAndItsStartReadAgain() throws Exception {
    killedBeforeItsStart(1800, "{port}", Integer.toString(PORT + 3));
    Instant before = Instant.now();
    try (Run adopter = adopt("{port}", Integer.toString(PORT + 3))) {
      JsonNode listen = adopter.await("listen", pod(0));

      assertThat(listen.has("pid")).as("the kernel's word").isFalse();
      assertThat(listen.path("port").asInt()).isEqualTo(PORT);
      adopter.await("full", pod(0));
      marksBetween(at(lastBefore(before, adopter, "exec")), before, adopter);
      assertThat(adopter.seen("degraded"))
          .anySatisfy(
              said -> {
                assertThat(said.path("what").asText()).isEqualTo("signals");
                assertThat(said.path("why").asText())
                    .matches("[1-9][0-9]* kernel events found the ring full: .*/proc");
              });
    }
  }

  /** A run that is killed once the program's image is marked; the pid of what serves after that. */
  private int killedBeforeItsStart(int work, String... ports) throws Exception {
    Files.writeString(folder.resolve("wrapper"), WRAPPER.formatted(folder, service, work));
    String address;
    int pid;
    try (Run run = Run.start(folder, words(ports))) {
      run.await("runtime_main", pod(0));
      pid = victim.pod(pod(0)).path("pid").asInt();
      address = victim.pod(pod(0)).path("address").asText();
      run.kill();
    }
    Files.createFile(folder.resolve("go"));
    for (int tries = 100; !answers(address) && tries > 0; tries--) {
      Thread.sleep(200);
    }
    return pid;
  }

  private static boolean answers(String address) throws Exception {
    try {
      return Victim.ask("http://" + address + "/") == 200;
    } catch (java.net.ConnectException e) {
      return false;
    }
  }

  private Run adopt(String... ports) throws Exception {
    var words = new ArrayList<>(List.of(words(ports)));
    words.add(0, "--adopt");
    return Run.start(folder, words.toArray(String[]::new));
  }

  private String[] words(String... ports) {
    var words = new ArrayList<>(victim.words(1));
    words.subList(words.indexOf("--") + 1, words.size()).clear();
    words.addAll(List.of("/bin/sh", folder.resolve("wrapper").toString(), "{addr}"));
    words.addAll(List.of(ports));
    return words.toArray(String[]::new);
  }

  private static void marksBetween(Instant exec, Instant before, Run run) {
    Instant last = exec;
    for (String mark : MARKS) {
      Instant at = at(lastBefore(before, run, mark));
      assertThat(at).as(mark).isAfterOrEqualTo(last);
      last = at;
    }
  }

  private static JsonNode lastBefore(Instant before, Run run, String kind) {
    return run.seen(kind).stream()
        .filter(event -> at(event).isBefore(before))
        .reduce((one, other) -> at(other).isBefore(at(one)) ? one : other)
        .orElseThrow(() -> new AssertionError("no " + kind + " before " + before));
  }

  private static Instant at(JsonNode event) {
    return Instant.parse(event.path("at").asText());
  }
}
