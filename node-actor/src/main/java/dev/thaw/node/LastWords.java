package dev.thaw.node;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.os.LastLines;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.StartRef;
import java.nio.file.Path;

/** How a process ended and what it said last, in words for the coordinator. Reads files. */
final class LastWords {
  private static final int LINES = 20;
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

  /** The end of a process of which nothing is known, not even that it was started. */
  static ProcessExited unseen(StartRef start, long atNanos) {
    return ProcessExited.newBuilder().setStart(start).setAtNanos(atNanos).setUnknown(true).build();
  }

  /** An end that was not known, as the kernel told it. */
  static ProcessExited told(ProcessExited unknown, KernelEvent.Exit end) {
    var how = unknown.toBuilder().setAtNanos(end.atNanos());
    if (end.status() == KernelEvent.Exit.UNKNOWN_STATUS) {
      return how.build();
    }
    int signal = end.status() & 0x7f;
    return signal == 0
        ? how.setExitCode(end.status() >> 8 & 0xff).build()
        : how.setSignal(signal).build();
  }

  private static ProcessExited.Builder said(LocalProcess process, long atNanos) {
    return ProcessExited.newBuilder()
        .setStart(process.start())
        .setAtNanos(atNanos)
        .addAllLastLines(
            LastLines.of(
                Path.of(process.entry().logFile()),
                process.entry().logFrom(),
                LINES,
                line -> true));
  }
}
