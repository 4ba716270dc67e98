package dev.thaw.persistence;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;

/** A process that holds a journal open until it is killed. */
final class HoldingJournal {

  private HoldingJournal() {}

  /** Returns once the other process has the journal. */
  static Process start(Path file) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    HoldingJournal.class.getName(),
                    file.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.getInputStream().read() != 'x') {
      throw new IOException("the other process did not open " + file);
    }
    return process;
  }

  public static void main(String[] arguments) throws Exception {
    try (var held =
        DriverManager.getConnection(JournalProfile.url(Path.of(arguments[0])), "", "")) {
      System.out.print(held.isClosed() ? '-' : 'x');
      System.out.flush();
      System.in.read();
    }
  }
}
