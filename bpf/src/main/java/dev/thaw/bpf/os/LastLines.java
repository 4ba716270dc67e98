package dev.thaw.bpf.os;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** The end of what a process wrote: where it failed, this often says why. Any thread; blocking. */
public final class LastLines {
  private static final int MOST_BYTES = 16 * 1024;
  private static final int LONGEST = 200;

  /** Control characters of every alphabet, and what turns the direction of a terminal's text. */
  private static final String UNFIT = "[\\p{Cc}\\p{Cf}]";

  private LastLines() {}

  /**
   * Lines that are not blank, fit for a terminal; none when it wrote nothing. Of each the first 200
   * characters, all within the last 16 KiB of the file.
   *
   * @param from where in the file it began to write; a file that is shorter now was begun anew
   * @param most how many lines
   * @param counts which lines count
   */
  public static List<String> of(Path log, long from, int most, Predicate<String> counts) {
    List<String> lines =
        end(log, from)
            .lines()
            .map(line -> line.replaceAll(UNFIT, " ").stripTrailing())
            .filter(line -> !line.isBlank() && counts.test(line))
            .map(line -> line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…")
            .toList();
    return lines.subList(Math.max(0, lines.size() - most), lines.size());
  }

  private static String end(Path log, long from) {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      long length = file.length();
      long begin = length < from ? 0 : from;
      long first = Math.max(begin, length - MOST_BYTES);
      var bytes = new byte[(int) (length - first)];
      file.seek(first);
      file.readFully(bytes);
      String end = new String(bytes, StandardCharsets.UTF_8);
      return first == begin ? end : end.substring(end.indexOf('\n') + 1); // that line is cut
    } catch (IOException e) {
      return ""; // it wrote nothing, or its file was taken away
    }
  }
}
