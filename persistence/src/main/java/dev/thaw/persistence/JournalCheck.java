package dev.thaw.persistence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.h2.api.ErrorCode;

/**
 * Looks at a journal before anything relies on it, so that a broken one ends in a sentence and not
 * in an actor that restarts for ever. Blocking: call it at start-up, not from an actor.
 */
public final class JournalCheck {

  /** Each row is read once: a small cache will do; in KiB. */
  private static final String READ_ONLY = ";ACCESS_MODE_DATA=r;CACHE_SIZE=4096";

  private static final String KEEP_IT =
      " Nothing was changed; to start with an empty journal, move the file away yourself.";

  private JournalCheck() {}

  /**
   * Makes the H2 journal if there is none; otherwise reads every row once, without write access.
   * Afterwards it is closed.
   *
   * @param file as for {@link JournalProfile#h2}; its folder must exist
   * @throws JournalUnreadable if it is in use, damaged, incomplete, or cannot be made
   */
  public static JournalSummary open(Path file) {
    Path database = JournalProfile.databaseFile(file);
    refuseUnusablePlace(database);
    if (Files.notExists(database)) {
      JournalMaker.make(database);
    }
    try (Connection connection =
        DriverManager.getConnection(JournalProfile.url(database) + READ_ONLY, "", "")) {
      return readThrough(connection, database);
    } catch (SQLException broken) {
      throw explain(database, broken);
    }
  }

  private static void refuseUnusablePlace(Path database) {
    Path folder = database.getParent();
    if (database.toString().indexOf(';') >= 0) {
      throw new JournalUnreadable(
          "Journal "
              + database
              + ": a path with ';' cannot hold a journal; choose another --state.");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new JournalUnreadable(
          "Journal " + database + ": its folder does not exist or is not a folder.");
    }
    if (!Files.isWritable(folder)) {
      throw new JournalUnreadable(
          "Journal " + database + ": its folder is not writable; check its owner and mode.");
    }
    if (Files.exists(database)) {
      refuseUnusableFile(database);
    }
  }

  private static void refuseUnusableFile(Path database) {
    if (!Files.isRegularFile(database)) {
      throw new JournalUnreadable("Journal " + database + ": is not a regular file.");
    }
    if (!Files.isReadable(database) || !Files.isWritable(database)) {
      throw new JournalUnreadable(
          "Journal " + database + ": cannot be read and written; check its owner and mode.");
    }
    try {
      if (Files.size(database) == 0) { // H2 would take it for a new one and forget what was there
        throw new JournalUnreadable("Journal " + database + ": the file is empty." + KEEP_IT);
      }
    } catch (IOException gone) {
      throw new JournalUnreadable("Journal " + database + ": " + gone.getMessage(), gone);
    }
  }

  /**
   * Every payload is fetched: a damaged page shows when it is read, not when the file is opened.
   */
  private static JournalSummary readThrough(Connection connection, Path database)
      throws SQLException {
    List<String> ids = new ArrayList<>();
    long events = 0;
    long previous = 0;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT \"persistence_id\", \"sequence_number\", \"event_payload\""
                    + " FROM \"event_journal\" ORDER BY \"persistence_id\", \"sequence_number\"")) {
      while (row.next()) {
        String id = row.getString(1);
        long sequence = row.getLong(2);
        boolean first = ids.isEmpty() || !ids.get(ids.size() - 1).equals(id);
        if (first) {
          ids.add(id);
        } else if (sequence != previous + 1) {
          throw new JournalUnreadable(
              "Journal %s: %s has event %d after event %d; what lies between is lost.%s"
                  .formatted(database, id, sequence, previous, KEEP_IT));
        }
        if (row.getBytes(3).length == 0) {
          throw new JournalUnreadable(
              "Journal %s: event %d of %s is empty.%s".formatted(database, sequence, id, KEEP_IT));
        }
        previous = sequence;
        events++;
      }
    }
    return new JournalSummary(events, ids);
  }

  private static JournalUnreadable explain(Path database, SQLException broken) {
    String what =
        switch (broken.getErrorCode()) {
          case ErrorCode.DATABASE_ALREADY_OPEN_1 ->
              "is in use by another process; end that one first.";
          case ErrorCode.WRONG_USER_OR_PASSWORD ->
              "is a database that Thaw did not make; choose another --state.";
          case ErrorCode.FILE_VERSION_ERROR_1 ->
              "was written by another version of the database." + KEEP_IT;
          case ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1,
              ErrorCode.TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1 ->
              "is damaged or no journal: its events are not in it." + KEEP_IT;
          default -> "is damaged (" + firstLine(broken) + ")." + KEEP_IT;
        };
    return new JournalUnreadable("Journal " + database + ": " + what, broken);
  }

  /** What H2 says, without its error numbers and on one line. */
  static String firstLine(Throwable broken) {
    return String.valueOf(broken.getMessage())
        .lines()
        .findFirst()
        .orElse("no detail")
        .replaceAll(" \\[[0-9./-]+]$", "");
  }
}
