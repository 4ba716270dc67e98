package dev.thaw.app.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
      Pattern.compile(
          "init (\\S+) @(NUMBER) ms, (NUMBER) ms clock, (\\d{1,18}) bytes, (\\d{1,18}) allocs"
              .replace("NUMBER", "\\d{1,9}(?:\\.\\d{1,9})?"));

  /** A package's path is far shorter. */
  private static final int LONGEST_LINE = 1_000;

  /** Programs have hundreds; whoever writes such lines without end is not to fill the heap. */
  private static final int MOST_PACKAGES = 10_000;

  /** Go writes them before main; behind so much output nobody looks for them. */
  private static final long MOST_BYTES = 64 << 20;

  /** Go's lines in a program's output, which may be of any size; none where there is no file. */
  static List<InitTrace> read(Path log) {
    try (InputStream in = Files.newInputStream(log)) {
      return parse(in);
    } catch (IOException e) {
      return List.of(); // it was never started
    }
  }

  static List<InitTrace> parse(InputStream output) throws IOException {
    var packages = new ArrayList<InitTrace>();
    byte[] piece = new byte[64 * 1024];
    byte[] line = new byte[LONGEST_LINE];
    int length = 0; // may be more than is kept
    long left = MOST_BYTES;
    for (int count; left > 0 && (count = output.read(piece)) >= 0; left -= count) {
      for (int i = 0; i < count; i++) {
        if (piece[i] == '\n') {
          add(line, length, packages);
          length = 0;
        } else if (length++ < LONGEST_LINE) {
          line[length - 1] = piece[i];
        }
      }
    }
    add(line, length, packages);
    return packages;
  }

  private static void add(byte[] line, int length, List<InitTrace> packages) {
    if (length > 0 && length <= LONGEST_LINE && packages.size() < MOST_PACKAGES) {
      parse(new String(line, 0, length, StandardCharsets.ISO_8859_1)).ifPresent(packages::add);
    }
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
