package dev.thaw.config;

import java.time.Duration;

/** What a setting may be; one that is not is refused in one sentence with key, value and bounds. */
public final class Bounds {
  private Bounds() {}

  /**
   * Refuses a time outside of {@code least} to {@code most}.
   *
   * @throws IllegalArgumentException with the sentence
   */
  public static void check(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw refused(key, text(value), text(least) + " to " + text(most));
    }
  }

  /**
   * Refuses a number outside of {@code least} to {@code most}.
   *
   * @throws IllegalArgumentException with the sentence
   */
  public static void check(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw refused(key, Long.toString(value), least + " to " + most);
    }
  }

  /** The refusal of a time for its relation to other settings; {@code accepted} names them. */
  public static IllegalArgumentException refused(String key, Duration value, String accepted) {
    return refused(key, text(value), accepted);
  }

  private static IllegalArgumentException refused(String key, String value, String accepted) {
    return new IllegalArgumentException("%s: %s (expected: %s)".formatted(key, value, accepted));
  }

  private static String text(Duration value) {
    return value.toNanosPart() % 1_000_000 == 0 && !value.isNegative()
        ? DurationText.print(value)
        : value.toString();
  }
}
