package dev.thaw.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.Map;

/** The journals Thaw runs on, each as the configuration an actor system needs for it. */
public final class JournalProfile {

  private static final String SUFFIX = ".mv.db";
  private static final int KIB = 1024;
  private static final String DB = "pekko-persistence-jdbc.shared-databases.slick.db.";

  private JournalProfile() {}

  /**
   * A journal in one H2 file, for one process; an event is on disk before it is acknowledged. Put
   * it before the application's configuration: {@code h2(file, settings).withFallback(...)}. Does
   * no I/O: {@link JournalCheck#open} makes the tables and must have run before the actor system
   * starts.
   *
   * @param file the database file, with or without its {@code .mv.db}
   */
  public static Config h2(Path file, JournalSettings settings) {
    Map<String, Object> own =
        Map.of(
            DB + "url",
            url(file) + ";CACHE_SIZE=" + settings.cacheBytes() / KIB,
            DB + "connectionTimeout",
            settings.connectionTimeout().toMillis());
    return ConfigFactory.parseMap(own, "journal")
        .withFallback(
            ConfigFactory.parseResources(JournalProfile.class, "journal-h2.conf").resolve());
  }

  /**
   * The JDBC address of a journal. Without WRITE_DELAY=0 a killed process loses events that it had
   * acknowledged; without DB_CLOSE_ON_EXIT=FALSE the database would close under the last writes of
   * an orderly stop.
   */
  static String url(Path file) {
    String path = databaseFile(file).toString();
    return "jdbc:h2:file:"
        + path.substring(0, path.length() - SUFFIX.length())
        + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";
  }

  /** The file as it lies on disk: absolute, with its suffix. */
  static Path databaseFile(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return absolute.toString().endsWith(SUFFIX)
        ? absolute
        : absolute.resolveSibling(absolute.getFileName() + SUFFIX);
  }
}
