package dev.thaw.config;

import java.time.Duration;

/** Bounds that several fields share. */
final class Limits {
  static final Duration NOTHING = Duration.ZERO;
  static final Duration MILLISECOND = Duration.ofMillis(1);
  static final Duration MINUTE = Duration.ofMinutes(1);
  static final Duration HOUR = Duration.ofHours(1);
  static final Duration DAY = Duration.ofDays(1);

  private Limits() {}
}
