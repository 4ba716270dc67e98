package dev.thaw.app;

import static dev.thaw.app.Victim.ask;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs that do not climb: observing, a gate, over IPv6, and without any rights. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class ModesIT {
  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder);
  }

  @Test
  void observeBalancesEvenlyFromListenAndSaysWhatItWouldHaveDone() throws Exception {
    victim.policy("mode: observe");
    try (Run run = victim.run(2)) {
      run.await("listen", "");
      run.await("listen", "");
      JsonNode would =
          run.await(
              e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 5, "5 %");

      assertThat(would.path("would_have").asBoolean()).isTrue();
      assertThat(victim.pod(pod(0)).path("weight").asInt()).isEqualTo(100);
      assertThat(victim.pod(pod(1)).path("weight").asInt()).isEqualTo(100);
      assertThat(ask()).isEqualTo(200);
      assertThat(victim.thaw("promote", pod(0)).said()).contains("in observe mode");
    }
  }

  @Test
  void observeSaysWhatTheProbeFailsWithLongBeforeTheDeadline() throws Exception {
    victim.behave("500").policy("mode: observe", "startDeadline: 10m");
    try (Run run = victim.run(1)) {
      run.await("listen", pod(0));

      String said = "";
      for (int tries = 500; !said.contains("BAD_STATUS") && tries > 0; tries--) {
        said = victim.thaw("get").said();
        Thread.sleep(10);
      }

      assertThat(said).contains("BAD_STATUS: ", "500").doesNotContain("NeverServed");
    }
  }

  @Test
  void aGateOpensWhollyAfterConfirmation() throws Exception {
    victim.policy("mode: gate");
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      victim.thaw("scale", "2");
      run.await("confirmed", pod(1));

      JsonNode rung =
          run.await(
              e -> e.path("event").asText().equals("rung") && e.path("pod").asText().equals(pod(1)),
              "a rung");

      assertThat(rung.path("weight").asInt()).isEqualTo(100);
      assertThat(ask()).isEqualTo(200);
    }
  }

  @Test
  void aV6ServiceHasBackendsOnLoopbackWithAPortEach() throws Exception {
    victim.service("[::1]:18712").policy("startDeadline: 30s");
    try (Run run = victim.run(2)) {
      String first = run.await("full", "").path("pod").asText();
      run.await("full", first.equals(pod(0)) ? pod(1) : pod(0));
      assertThat(ask("http://[::1]:18712/")).isEqualTo(200);
      assertThat(victim.pod(pod(0)).path("address").asText())
          .startsWith("[::1]:")
          .isNotEqualTo(victim.pod(pod(1)).path("address").asText());
    }
  }

  @Test
  void withoutRightsTheFirstLineSaysWhatIsOffAndClientsDialTheReplicasThemselves()
      throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    var words =
        List.of(
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=" + folder);
    try (Run run =
        Run.startBy(words, readable(folder), folder, victim.words(1).toArray(String[]::new))) {
      run.await("confirmed", pod(0));

      assertThat(run.said().lines().findFirst().orElseThrow())
          .startsWith("off: signals, balancing, limits (")
          .contains("run as root", "CAP_BPF", "clients dial the replicas' own addresses");
      JsonNode pod = victim.pod(pod(0));
      assertThat(ask("http://" + pod.path("address").asText() + "/")).isEqualTo(200);
      assertThat(run.end()).as(run.said()).isZero();
      assertThat(run.said()).doesNotContain("Exception");
    }
  }

  /** The class path where anybody may read it. */
  private static String readable(Path folder) throws Exception {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    var path = new ArrayList<String>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (entry.endsWith(".jar")) {
        Path copy = jars.resolve(path.size() + ".jar");
        Files.copy(Path.of(entry), copy);
        path.add(copy.toString());
      } else {
        path.add(entry);
      }
    }
    return String.join(File.pathSeparator, path);
  }
}
