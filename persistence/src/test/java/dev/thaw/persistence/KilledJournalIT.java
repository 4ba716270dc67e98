package dev.thaw.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged survives the death of the process that acknowledged it. */
class KilledJournalIT {

  private static final int KILLS = Integer.getInteger("thaw.journal.kills", 6);

  @TempDir Path folder;

  @Test
  void everyAcknowledgedEventIsRecoveredAfterEachKill() throws Exception {
    long seed = Long.getLong("thaw.seed", System.nanoTime());
    Random random = new Random(seed);
    Path file = folder.resolve("journal.mv.db");
    long acknowledged = 0;
    long recovered = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      acknowledged = recovered + KilledJournal.TOGETHER * killAfter(file, random.nextInt(200));
      recovered = JournalCheck.open(file).events();
      System.out.printf(
          "kill %d of %d: %d events acknowledged, %d recovered (seed %d)%n",
          kill, KILLS, acknowledged, recovered, seed);
      assertThat(recovered).isGreaterThanOrEqualTo(acknowledged);
      assertThat(recovered % KilledJournal.TOGETHER).as("an atomic write is whole").isZero();
    }

    try (var journal = JournalKit.on(file)) {
      assertThat(journal.stored(KilledJournal.ID)).hasSize(Math.toIntExact(recovered));
    }
    assertThat(recovered).as("something was acknowledged").isPositive();
  }

  /** Kills a writer once it has acknowledged so often; returns how often it had by then. */
  private static long killAfter(Path file, int acknowledgements) throws Exception {
    Process writer = start(file);
    try (var output =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      long heard = 0;
      while (heard < acknowledgements && output.readLine() != null) {
        heard++;
      }
      writer.toHandle().destroyForcibly(); // the process's own method would close the pipe
      return heard + restOf(output);
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  /** What was said before the kill and is still in the pipe; a torn last line was not said. */
  private static long restOf(BufferedReader output) throws IOException {
    long heard = 0;
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      heard += line.equals("acknowledged") ? 1 : 0;
    }
    return heard;
  }

  private static Process start(Path file) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                KilledJournal.class.getName(),
                file.toString()))
        .redirectError(Redirect.INHERIT)
        .start();
  }
}
