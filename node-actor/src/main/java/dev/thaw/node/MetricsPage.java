package dev.thaw.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The samples of a page in Prometheus' text format. Lenient as Prometheus is: comments, timestamps
 * and exemplars are passed over; a line that is no sample refuses the page.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Exposition
 *     formats</a>
 */
record MetricsPage(List<Sample> samples) {

  /** One series and its value. */
  record Sample(String name, Map<String, String> labels, double value) {}

  /**
   * Reads a page.
   *
   * @throws IllegalArgumentException with the line that is none
   */
  static MetricsPage parse(String text) {
    var samples = new ArrayList<Sample>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String content = line.strip();
      if (!content.isEmpty() && content.charAt(0) != '#') {
        samples.add(new LineReader(content, number).sample());
      }
    }
    return new MetricsPage(samples);
  }

  /** Reads one line from left to right. */
  private static final class LineReader {
    private final String line;
    private final int number;
    private int at;

    LineReader(String line, int number) {
      this.line = line;
      this.number = number;
    }

    Sample sample() {
      String name = name();
      Map<String, String> labels =
          at < line.length() && line.charAt(at) == '{' ? labels() : Map.of();
      return new Sample(name, labels, value());
    }

    private String name() {
      int from = at;
      while (at < line.length() && isNameCharacter(line.charAt(at))) {
        at++;
      }
      if (at == from) {
        throw refuse("a name");
      }
      return line.substring(from, at);
    }

    private static boolean isNameCharacter(char c) {
      return c == '_'
          || c == ':'
          || c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9';
    }

    private Map<String, String> labels() {
      var labels = new LinkedHashMap<String, String>();
      at++;
      while (true) {
        skipBlanks();
        if (take('}')) {
          return labels;
        }
        String name = name();
        skipBlanks();
        if (!take('=')) {
          throw refuse("=");
        }
        skipBlanks();
        labels.put(name, quoted());
        skipBlanks();
        if (!take(',') && (at >= line.length() || line.charAt(at) != '}')) {
          throw refuse(", or }");
        }
      }
    }

    private String quoted() {
      if (!take('"')) {
        throw refuse("a quoted value");
      }
      var value = new StringBuilder();
      while (at < line.length()) {
        char c = line.charAt(at++);
        if (c == '"') {
          return value.toString();
        } else if (c == '\\' && at < line.length()) {
          char escaped = line.charAt(at++);
          value.append(escaped == 'n' ? '\n' : escaped);
        } else {
          value.append(c);
        }
      }
      throw refuse("a closing quote");
    }

    private double value() {
      skipBlanks();
      int from = at;
      while (at < line.length() && line.charAt(at) != ' ' && line.charAt(at) != '\t') {
        at++;
      }
      String text = line.substring(from, at);
      return switch (text) {
        case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
        case "-Inf" -> Double.NEGATIVE_INFINITY;
        case "NaN" -> Double.NaN;
        default -> number(text);
      };
    }

    private double number(String text) {
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw refuse("a number");
      }
    }

    private void skipBlanks() {
      while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
        at++;
      }
    }

    private boolean take(char wanted) {
      if (at < line.length() && line.charAt(at) == wanted) {
        at++;
        return true;
      }
      return false;
    }

    private IllegalArgumentException refuse(String expected) {
      String shown = line.length() > 80 ? line.substring(0, 80) + "..." : line;
      return new IllegalArgumentException(
          "line %d, column %d: expected %s in: %s".formatted(number, at + 1, expected, shown));
    }
  }
}
