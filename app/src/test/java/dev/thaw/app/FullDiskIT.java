package dev.thaw.app;

import static dev.thaw.app.Victim.NAME;
import static dev.thaw.app.Victim.ask;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full for the journal, and has room again: a small tmpfs as state folder. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class FullDiskIT {
  private static final String FULL = "No space left on device";

  @TempDir Path folder;
  private Victim victim;

  @BeforeEach
  void mount() throws Exception {
    victim = new Victim(folder);
    Files.createDirectory(victim.state);
    tool("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", victim.state.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    tool("umount", "--lazy", victim.state.toString());
  }

  @Test
  void itIsSaidMovesNoWeightAndLosesNothingThatWasAcknowledged() throws Exception {
    boolean paused;
    try (Run run = victim.run(1)) {
      run.await("full", pod(0));
      int version = victim.workload().path("version").asInt();

      Path filler = fill();
      paused = verbsUntilTheJournalIsFull();

      JsonNode degraded =
          run.await(e -> e.path("what").asText().equals("journal"), "a word about the journal");
      assertThat(degraded.path("event").asText()).isEqualTo("degraded");
      assertThat(degraded.path("why").asText())
          .startsWith("the journal " + victim.state.resolve("journal.mv.db") + " cannot be used: ")
          .contains(FULL, "no weight changes");
      assertThat(victim.thaw("scale", "2").said()).contains(FULL).doesNotContain("Exception");
      assertThat(ask()).isEqualTo(200);

      Files.delete(filler);
      run.await("restored", "");
      assertThat(victim.workload().path("paused").asBoolean()).isEqualTo(paused);
      assertThat(victim.workload().path("version").asInt()).isEqualTo(version);
      assertThat(victim.pod(pod(0)).path("weight").asInt()).isEqualTo(100);
      assertThat(ask()).isEqualTo(200);
      run.kill();
    }

    try (Run run = victim.run(1, "--adopt")) {
      run.await("started", "");
      assertThat(victim.workload().path("paused").asBoolean()).isEqualTo(paused);
      assertThat(victim.pod(pod(0)).path("state").asText()).isEqualTo("full");
      assertThat(run.end()).isZero();
    }
  }

  /** A run that has no room to begin with is refused for that. */
  @Test
  void aRunIsRefusedWhereNoJournalCanBeMade() throws Exception {
    fill();

    Run.Ended refused = victim.toItsEnd();

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.said()).contains(FULL).doesNotContain("Exception", "java.");
  }

  /**
   * Says verbs while the file has room within; whether the last one that was acknowledged paused.
   */
  private boolean verbsUntilTheJournalIsFull() throws Exception {
    boolean paused = false;
    for (int tries = 0; tries < 500; tries++) {
      Run.Ended said = victim.thaw(paused ? "resume" : "pause", NAME);
      if (said.code() != 0) {
        assertThat(said.said()).contains("the journal", FULL).doesNotContain("Exception");
        return paused;
      }
      paused = !paused;
    }
    throw new AssertionError("the journal is never full");
  }

  private Path fill() throws IOException {
    Path filler = victim.state.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(new byte[1024]);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining(FULL);
      return filler;
    }
  }

  private static void tool(String... words) throws Exception {
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
  }
}
