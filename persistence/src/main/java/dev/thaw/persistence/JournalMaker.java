package dev.thaw.persistence;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.h2.tools.RunScript;

/**
 * Makes an empty journal. It gets its name only when all its tables are there, so that a journal
 * without them is known to be a damaged one and not one that was interrupted while it was made.
 */
final class JournalMaker {

  /** The journal plugin's own script. */
  private static final String SCHEMA = "/schema/h2/h2-create-schema.sql";

  private JournalMaker() {}

  /**
   * Makes the file.
   *
   * @throws JournalUnreadable if it cannot be made
   */
  static void make(Path database) {
    Path unfinished = database.resolveSibling("unfinished-" + database.getFileName());
    try {
      Files.deleteIfExists(unfinished); // of an earlier attempt; nothing was ever stored in it
      try (Connection connection =
          DriverManager.getConnection(JournalProfile.url(unfinished), "", "")) {
        createTables(connection);
      }
      Files.move(unfinished, database, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | SQLException failed) {
      throw new JournalUnreadable(
          "Journal %s: cannot be made (%s).".formatted(database, JournalCheck.firstLine(failed)),
          failed);
    }
  }

  private static void createTables(Connection connection) throws IOException, SQLException {
    try (InputStream script = JournalMaker.class.getResourceAsStream(SCHEMA)) {
      if (script == null) {
        throw new IOException("missing from the class path: " + SCHEMA);
      }
      Reader reader = new InputStreamReader(script, StandardCharsets.UTF_8);
      RunScript.execute(connection, reader);
    }
  }
}
