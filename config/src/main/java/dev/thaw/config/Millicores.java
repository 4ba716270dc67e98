package dev.thaw.config;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * An amount of CPU in thousandths of one core, 1 to 1,024,000.
 *
 * @param value 300 for three tenths of a core
 */
public record Millicores(int value) {

  private static final int MOST = 1_024_000;
  private static final String ACCEPTED =
      "expected: thousandths of a core such as 300m, or cores such as 1 or 0.5; at most 1024 cores";
  private static final Pattern THOUSANDTHS = Pattern.compile("[0-9]{1,7}m");
  private static final Pattern CORES = Pattern.compile("[0-9]{1,4}(\\.[0-9]{1,3})?");

  public Millicores {
    if (!accepted(value)) {
      throw new IllegalArgumentException(value + "m (" + ACCEPTED + ")");
    }
  }

  /**
   * Reads {@code 300m}, {@code 2} or {@code 0.5}.
   *
   * @throws IllegalArgumentException naming what was written and what is accepted
   */
  public static Millicores parse(String text) {
    int value = 0;
    if (THOUSANDTHS.matcher(text).matches()) {
      value = Integer.parseInt(text.substring(0, text.length() - 1));
    } else if (CORES.matcher(text).matches()) {
      value = new BigDecimal(text).movePointRight(3).intValueExact();
    }
    if (!accepted(value)) {
      throw new IllegalArgumentException("\"" + text + "\" (" + ACCEPTED + ")");
    }
    return new Millicores(value);
  }

  private static boolean accepted(int value) {
    return value >= 1 && value <= MOST;
  }

  @Override
  public String toString() {
    return value + "m";
  }
}
