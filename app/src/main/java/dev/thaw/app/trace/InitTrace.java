package dev.thaw.app.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Go says of its package initialisation under {@code GODEBUG=inittrace=1}.
 *
 * @param at nanoseconds since shortly after the entry of runtime.main
 * @param duration nanoseconds
 */
record InitTrace(String name, long at, long duration, long bytes, long allocations) {
  private static final Pattern LINE =
      Pattern.compile("init (\\S+) @([0-9.]+) ms, ([0-9.]+) ms clock, (\\d+) bytes, (\\d+) allocs");

  /** The lines of a program's output that are Go's. */
  static List<InitTrace> parse(List<String> output) {
    var packages = new ArrayList<InitTrace>();
    for (String line : output) {
      parse(line).ifPresent(packages::add);
    }
    return packages;
  }

  private static Optional<InitTrace> parse(String line) {
    Matcher matcher = LINE.matcher(line.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new InitTrace(
            matcher.group(1),
            nanos(matcher.group(2)),
            nanos(matcher.group(3)),
            Long.parseLong(matcher.group(4)),
            Long.parseLong(matcher.group(5))));
  }

  private static long nanos(String millis) {
    return Math.round(Double.parseDouble(millis) * 1e6);
  }
}
