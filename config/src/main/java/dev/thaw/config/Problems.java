package dev.thaw.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one source. Not thread-safe. */
final class Problems {

  private static final int LONGEST = 100;

  private final String source;
  private final List<Problem> found = new ArrayList<>();

  Problems(String source) {
    this.source = source;
  }

  void add(String path, Place place, String value, String accepted) {
    found.add(
        new Problem(source, shown(path), place.line(), place.column(), shown(value), accepted));
  }

  /** A file that is named at this place of the source. */
  NamedFile file(NamedFile.Holds holds, String path, Place place, String file) {
    return new NamedFile(holds, source, shown(path), place.line(), place.column(), file);
  }

  boolean none() {
    return found.isEmpty();
  }

  List<Problem> inOrder() {
    return found.stream()
        .distinct()
        .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
        .toList();
  }

  /** Values and keys come from anywhere: one line, no control characters, not long. */
  private static String shown(String value) {
    String safe = value.replaceAll("[\\p{Cntrl}\\p{Cs}\\u2028\\u2029]+", " ").strip();
    return safe.length() <= LONGEST ? safe : safe.substring(0, LONGEST) + "...";
  }
}
