package dev.thaw.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal of a single machine, in one file. */
class H2JournalTest {

  @TempDir Path folder;

  @Test
  void keepsEveryKindOfEventAcrossARestart() throws Exception {
    Path file = folder.resolve("journal.mv.db");
    JournalCheck.open(file);
    try (var journal = JournalKit.on(file)) {
      journal.store("workload|orders", SampleEvents.all());
    }

    try (var journal = JournalKit.on(file)) {
      assertThat(journal.stored("workload|orders"))
          .hasSize(16)
          .containsExactlyElementsOf(SampleEvents.all());
    }
  }

  @Test
  void checkTellsHowMuchIsInIt() {
    Path file = folder.resolve("journal.mv.db");
    assertThat(JournalCheck.open(file)).isEqualTo(new JournalSummary(0, List.of()));
    try (var journal = JournalKit.on(file)) {
      journal.store("b", SampleEvents.all());
      journal.store("a", SampleEvents.all().subList(0, 2));
    }

    assertThat(JournalCheck.open(file)).isEqualTo(new JournalSummary(18, List.of("a", "b")));
    assertThat(folder).isDirectoryContaining("glob:**/journal.mv.db");
  }

  @Test
  void theFileMayBeNamedWithoutItsSuffix() {
    assertThat(JournalProfile.databaseFile(folder.resolve("journal")))
        .isEqualTo(JournalProfile.databaseFile(folder.resolve("journal.mv.db")));
  }

  @Test
  void replayRefusesTheMarksOfASecondWriter() {
    var shipped = com.typesafe.config.ConfigFactory.load();
    var config =
        JournalProfile.h2(folder.resolve("journal"), JournalSettings.from(shipped))
            .withFallback(shipped);

    assertThat(config.getString("jdbc-journal.replay-filter.mode")).isEqualTo("fail");
  }
}
