package dev.thaw.node;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * Which processes we have started, a file each, so that a successor finds them after our death.
 * Blocking.
 */
final class ProcessRegister {
  private final Path folder;

  ProcessRegister(Path stateFolder) {
    folder = stateFolder.resolve("pods");
  }

  /**
   * One process.
   *
   * @param startTicks with the pid and boot it names the process for ever
   * @param execNanos CLOCK_MONOTONIC of that boot
   * @param logFrom where in its log it began: what stands before is an earlier process's
   */
  record Entry(
      String podUid,
      String bootId,
      int pid,
      long startTicks,
      long execNanos,
      String logFile,
      long logFrom) {
    String startId() {
      return bootId + ":" + pid + ":" + startTicks;
    }
  }

  void put(Entry entry) {
    var lines = new Properties();
    lines.setProperty("boot", entry.bootId());
    lines.setProperty("pid", Integer.toString(entry.pid()));
    lines.setProperty("start-ticks", Long.toString(entry.startTicks()));
    lines.setProperty("exec-nanos", Long.toString(entry.execNanos()));
    lines.setProperty("log", entry.logFile());
    lines.setProperty("log-from", Long.toString(entry.logFrom()));
    try {
      Files.createDirectories(folder);
      Path written = Files.createTempFile(folder, "new", "");
      try (Writer writer = Files.newBufferedWriter(written)) {
        lines.store(writer, null);
      }
      Files.move(
          written,
          file(entry.podUid()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IllegalStateException("a rename within a folder is atomic", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The entry of a pod; empty when there is none, or none that can be read. */
  Optional<Entry> get(String podUid) {
    var lines = new Properties();
    try (Reader reader = Files.newBufferedReader(file(podUid))) {
      lines.load(reader);
      return Optional.of(
          new Entry(
              podUid,
              lines.getProperty("boot", ""),
              Integer.parseInt(lines.getProperty("pid", "")),
              Long.parseLong(lines.getProperty("start-ticks", "")),
              Long.parseLong(lines.getProperty("exec-nanos", "")),
              lines.getProperty("log", ""),
              Long.parseLong(lines.getProperty("log-from", "0"))));
    } catch (IOException | IllegalArgumentException e) { // a number or an escape cut short
      return Optional.empty();
    }
  }

  void remove(String podUid) {
    try {
      Files.deleteIfExists(file(podUid));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String podUid) {
    return folder.resolve(podUid + ".process");
  }
}
