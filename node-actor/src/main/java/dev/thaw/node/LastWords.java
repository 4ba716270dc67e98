package dev.thaw.node;

import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.StartRef;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** How a process ended and what it said last, in words for the coordinator. Reads files. */
final class LastWords {
  private static final int LINES = 20;
  private static final int BYTES = 16 * 1024;
  private static final int SHELL_NOT_FOUND = 127;
  private static final int MAX_SIGNAL = 64;

  private LastWords() {}

  /**
   * The end of a process that we started.
   *
   * @param status an end by signal is 128 and the signal: so the JVM gives it, and a shell its own
   *     child's
   * @param atNanos CLOCK_MONOTONIC
   */
  static ProcessExited of(LocalProcess process, int status, long atNanos) {
    var how = said(process, atNanos);
    if (status > 128 && status <= 128 + MAX_SIGNAL) {
      return how.setSignal(status - 128).build();
    }
    if (status == SHELL_NOT_FOUND && how.getLastLinesCount() == 0) {
      how.addLastLines("the command was not found"); // so says the shell that became it
    }
    return how.setExitCode(status).build();
  }

  /** The end of a process that we adopted: its status went to another parent. */
  static ProcessExited unknown(LocalProcess process, long atNanos) {
    return said(process, atNanos).setUnknown(true).build();
  }

  /** The end of a process that died while nobody looked. */
  static ProcessExited unseen(StartRef start, long atNanos) {
    return ProcessExited.newBuilder().setStart(start).setAtNanos(atNanos).setUnknown(true).build();
  }

  private static ProcessExited.Builder said(LocalProcess process, long atNanos) {
    return ProcessExited.newBuilder()
        .setStart(process.start())
        .setAtNanos(atNanos)
        .addAllLastLines(tail(Path.of(process.entry().logFile())));
  }

  /** The last lines of a log, of its last 16 KiB; none when there is no output. */
  static List<String> tail(Path log) {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - BYTES));
      var bytes = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(bytes);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
    } catch (IOException e) {
      return List.of(); // no output, or it was taken away
    }
  }
}
