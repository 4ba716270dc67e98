package dev.thaw.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Why a journal takes no more events. Whoever has written one is told that it failed, never why:
 * the place is asked instead. Blocking.
 */
public final class JournalTrouble {
  /** More than the database asks for at once. */
  private static final int TRIED_BYTES = 64 * 1024;

  private JournalTrouble() {}

  /** Such as {@code No space left on device}. */
  public static String why(Path journal) {
    Path trial = journal.resolveSibling("trial-" + journal.getFileName());
    try {
      try (FileChannel file =
          FileChannel.open(trial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.allocate(TRIED_BYTES);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      } finally {
        Files.deleteIfExists(trial);
      }
    } catch (IOException e) {
      String reason = e instanceof FileSystemException failed ? failed.getReason() : e.getMessage();
      return reason == null ? "its folder cannot be written to" : reason;
    }
    return "the database has failed (thaw.log says how)";
  }
}
