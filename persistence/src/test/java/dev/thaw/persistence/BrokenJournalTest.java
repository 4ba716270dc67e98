package dev.thaw.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that cannot be used ends in a sentence and stays as it is. */
class BrokenJournalTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void aJournalWithEvents() {
    file = folder.resolve("journal.mv.db");
    JournalCheck.open(file);
    try (var journal = JournalKit.on(file)) {
      journal.store("orders", SampleEvents.all());
    }
  }

  @Test
  void garbageInItsPlaceIsLeftAsItIs() throws IOException {
    byte[] garbage = "this is no database\n".repeat(1000).getBytes();
    Files.write(file, garbage);

    refusedWith("is damaged (", "Nothing was changed");

    assertThat(Files.readAllBytes(file)).isEqualTo(garbage);
  }

  @Test
  void anEmptyFileIsNotTakenForANewJournal() throws IOException {
    Files.write(file, new byte[0]);

    refusedWith("the file is empty", "move the file away yourself");

    assertThat(file).isEmptyFile();
  }

  @Test
  void aFileCutOffInItsHeadIsRefused() throws IOException {
    cutTo(1000);

    refusedWith("is damaged (");

    assertThat(Files.size(file)).isEqualTo(1000);
  }

  @Test
  void aFileWipedBehindItsHeadIsRefusedAndLeftAsItIs() throws IOException {
    try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(8192);
      raw.write(new byte[(int) (raw.length() - 8192)]);
    }
    byte[] wiped = Files.readAllBytes(file);

    refusedWith("is damaged");

    assertThat(Files.readAllBytes(file)).isEqualTo(wiped);
  }

  @Test
  void aWholeJournalIsNotChangedByTheCheck() throws IOException {
    byte[] before = Files.readAllBytes(file);

    assertThat(JournalCheck.open(file).events()).isEqualTo(16);

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void whatAnInterruptedFirstStartLeftBehindIsNoHindrance() throws IOException {
    Path young = folder.resolve("young.mv.db");
    Path unfinished = folder.resolve("unfinished-young.mv.db");
    Files.writeString(unfinished, "half a database");

    assertThat(JournalCheck.open(young).events()).isZero();

    assertThat(unfinished).doesNotExist();
  }

  @Test
  void aFolderThatTakesNoFilesIsNamed() {
    Path impossible = Path.of("/proc/journal.mv.db");

    assertThatThrownBy(() -> JournalCheck.open(impossible))
        .isInstanceOf(JournalUnreadable.class)
        .hasMessageStartingWith("Journal " + impossible + ": ")
        .hasMessageFindingMatch("cannot be made|not writable");
  }

  @Test
  void aHoleInTheSequenceIsNamed() throws Exception {
    execute("DELETE FROM \"event_journal\" WHERE \"sequence_number\" = 7");

    refusedWith("orders has event 8 after event 6; what lies between is lost");
  }

  @Test
  void aJournalInUseIsNotOpenedASecondTime() throws Exception {
    Process other = HoldingJournal.start(file);
    try {
      refusedWith("is in use by another process; end that one first");
    } finally {
      other.destroyForcibly().waitFor();
    }

    assertThat(JournalCheck.open(file).events()).isEqualTo(16);
  }

  @Test
  void aForeignDatabaseIsNotTouched() throws Exception {
    Path foreign = folder.resolve("foreign.mv.db");
    DriverManager.getConnection(JournalProfile.url(foreign), "someone", "secret").close();

    assertThatThrownBy(() -> JournalCheck.open(foreign))
        .isInstanceOf(JournalUnreadable.class)
        .hasMessageContaining("is a database that Thaw did not make");
  }

  @Test
  void aMissingFolderIsNamed() {
    Path nowhere = folder.resolve("missing/journal.mv.db");

    assertThatThrownBy(() -> JournalCheck.open(nowhere))
        .isInstanceOf(JournalUnreadable.class)
        .hasMessage("Journal " + nowhere + ": its folder does not exist or is not a folder.");
  }

  @Test
  void aFolderInItsPlaceIsRefused() throws IOException {
    Path folderAsFile = Files.createDirectory(folder.resolve("other.mv.db"));

    assertThatThrownBy(() -> JournalCheck.open(folderAsFile))
        .isInstanceOf(JournalUnreadable.class)
        .hasMessageEndingWith("is not a regular file.");
  }

  @Test
  void aPathThatTheDatabaseWouldReadAsASettingIsRefused() {
    assertThatThrownBy(() -> JournalCheck.open(folder.resolve("a;IFEXISTS=TRUE")))
        .isInstanceOf(JournalUnreadable.class)
        .hasMessageContaining("a path with ';' cannot hold a journal");
  }

  private void refusedWith(String... parts) {
    assertThatThrownBy(() -> JournalCheck.open(file))
        .isInstanceOf(JournalUnreadable.class)
        .hasMessageStartingWith("Journal " + file + ": ")
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  private void cutTo(long length) throws IOException {
    try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(length);
    }
  }

  private void execute(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection(JournalProfile.url(file), "", "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
