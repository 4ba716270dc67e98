package dev.thaw.app.trace;

import java.net.InetSocketAddress;
import java.util.Locale;

/** Figures as people read them. Pure. */
final class Words {

  private Words() {}

  /** Such as {@code 12.3 ms}; three digits are enough to compare. */
  static String millis(long nanos) {
    double ms = nanos / 1e6;
    return Math.abs(ms) >= 1000
        ? String.format(Locale.ROOT, "%,.0f ms", ms)
        : Math.abs(ms) >= 100
            ? String.format(Locale.ROOT, "%.0f ms", ms)
            : Math.abs(ms) >= 10
                ? String.format(Locale.ROOT, "%.1f ms", ms)
                : String.format(Locale.ROOT, "%.2f ms", ms);
  }

  /** Errors of clocks: such as {@code 64 ns}, or as {@link #millis} where they are larger. */
  static String small(long nanos) {
    return nanos < 10_000 ? nanos + " ns" : millis(nanos);
  }

  /** Such as {@code 127.0.0.1:8080}. */
  static String address(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /** Such as {@code 1.5 MiB}. */
  static String bytes(long bytes) {
    return bytes >= 1 << 20
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0)
        : bytes >= 1 << 10
            ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
            : bytes + " bytes";
  }

  /** Such as {@code 34 %}. */
  static String share(double share) {
    return String.format(Locale.ROOT, share >= 0.1 ? "%.0f %%" : "%.1f %%", share * 100);
  }

  /** Such as {@code 1 start} or {@code 3 starts}. */
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
