package dev.thaw.app.trace;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The end of what a command wrote: where it did not serve, this often says why. Any thread. */
final class LastLines {
  private static final int MOST_BYTES = 8 * 1024;
  private static final int LONGEST = 200;

  /** What Go writes because we asked it to. */
  private static final Pattern INIT_TRACE = Pattern.compile("init \\S+ @");

  private LastLines() {}

  /** At most so many lines that are not blank, fit for a terminal; none when it wrote nothing. */
  static List<String> of(Path log, int most) {
    List<String> lines =
        end(log)
            .lines()
            .map(line -> line.replaceAll("\\p{Cc}", " ").stripTrailing())
            .filter(line -> !line.isBlank() && !INIT_TRACE.matcher(line).lookingAt())
            .map(line -> line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…")
            .toList();
    return lines.subList(Math.max(0, lines.size() - most), lines.size());
  }

  private static String end(Path log) {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - MOST_BYTES);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      String end = new String(bytes, StandardCharsets.UTF_8);
      return from == 0 ? end : end.substring(end.indexOf('\n') + 1); // its first line is cut
    } catch (IOException e) {
      return ""; // it was never started
    }
  }
}
