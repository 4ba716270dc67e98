package dev.thaw.app.trace;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory as Kubernetes writes it. Pure.
 *
 * @param written as the user did, such as {@code 512Mi}
 */
record MemorySize(String written, long bytes) {
  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,8})(Ki|Mi|Gi|k|M|G)?");
  private static final Map<String, Long> UNITS =
      Map.of(
          "Ki",
          1L << 10,
          "Mi",
          1L << 20,
          "Gi",
          1L << 30,
          "k",
          1_000L,
          "M",
          1_000_000L,
          "G",
          1_000_000_000L);
  private static final long LEAST = 4L << 20;
  private static final long MOST = 1L << 42;
  private static final String ACCEPTED = "expected: an amount such as 512Mi or 2Gi, 4Mi to 4096Gi";

  /**
   * Reads an amount.
   *
   * @throws IllegalArgumentException naming what was written and what is accepted
   */
  static MemorySize parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (matcher.matches()) {
      String unit = matcher.group(2);
      long bytes =
          Long.parseLong(matcher.group(1)) * (unit == null ? 1 : UNITS.getOrDefault(unit, 1L));
      if (bytes >= LEAST && bytes <= MOST) {
        return new MemorySize(text, bytes);
      }
    }
    throw new IllegalArgumentException("\"" + text + "\" (" + ACCEPTED + ")");
  }
}
