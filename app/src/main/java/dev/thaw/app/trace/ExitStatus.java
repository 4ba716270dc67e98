package dev.thaw.app.trace;

import java.util.Map;

/** How a process ended, in words. Pure. */
final class ExitStatus {
  /** A shell, and the JVM, tell a signal as this much more. */
  private static final int SIGNALLED = 128;

  private static final int LAST_SIGNAL = 64;

  private static final Map<Integer, String> SIGNALS =
      Map.ofEntries(
          Map.entry(1, "SIGHUP"),
          Map.entry(2, "SIGINT"),
          Map.entry(3, "SIGQUIT"),
          Map.entry(4, "SIGILL"),
          Map.entry(5, "SIGTRAP"),
          Map.entry(6, "SIGABRT"),
          Map.entry(7, "SIGBUS"),
          Map.entry(8, "SIGFPE"),
          Map.entry(9, "SIGKILL"),
          Map.entry(11, "SIGSEGV"),
          Map.entry(13, "SIGPIPE"),
          Map.entry(14, "SIGALRM"),
          Map.entry(15, "SIGTERM"),
          Map.entry(24, "SIGXCPU"),
          Map.entry(25, "SIGXFSZ"),
          Map.entry(31, "SIGSYS"));

  private ExitStatus() {}

  /** Such as {@code 1} or {@code 139 (SIGSEGV)}. */
  static String words(int status) {
    int signal = status - SIGNALLED;
    return signal < 1 || signal > LAST_SIGNAL
        ? Integer.toString(status)
        : status + " (" + SIGNALS.getOrDefault(signal, "signal " + signal) + ")";
  }
}
