package dev.thaw.node;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A series by name and label matchers, as PromQL writes them: {@code
 * requests_total{code=~"5..",path!="/healthz"}}.
 */
record Selector(String name, List<LabelMatcher> matchers) {
  private static final Pattern SERIES =
      Pattern.compile("\\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(?:\\{(.*)})?\\s*", Pattern.DOTALL);
  private static final Pattern MATCHER =
      Pattern.compile(
          "\\s*([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|!~|!=|=)\\s*\"((?:[^\"\\\\]|\\\\.)*)\"\\s*(,|$)",
          Pattern.DOTALL);

  /** One condition on one label; an absent label is an empty one. */
  record LabelMatcher(String label, String operator, String value, Pattern pattern) {
    boolean matches(String actual) {
      return switch (operator) {
        case "=" -> actual.equals(value);
        case "!=" -> !actual.equals(value);
        case "=~" -> pattern.matcher(actual).matches();
        default -> !pattern.matcher(actual).matches();
      };
    }
  }

  /**
   * Reads a name with optional matchers.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Selector parse(String text) {
    Matcher series = SERIES.matcher(text);
    if (!series.matches()) {
      throw new IllegalArgumentException(
          text + " is no series (expected: name or name{label=\"value\"})");
    }
    return new Selector(
        series.group(1), series.group(2) == null ? List.of() : matchers(series.group(2)));
  }

  /** The same series under more conditions, written without braces. */
  Selector and(String moreMatchers) {
    var all = new ArrayList<>(matchers);
    all.addAll(matchers(moreMatchers));
    return new Selector(name, all);
  }

  /** The same conditions on another name: a histogram's parts. */
  Selector suffixed(String suffix) {
    return new Selector(name + suffix, matchers);
  }

  private static List<LabelMatcher> matchers(String text) {
    var matchers = new ArrayList<LabelMatcher>();
    Matcher next = MATCHER.matcher(text);
    int at = 0;
    while (at < text.length() && !text.substring(at).isBlank()) {
      if (!next.region(at, text.length()).lookingAt()) {
        throw new IllegalArgumentException(
            text.substring(at) + " is no label matcher (expected: label=\"value\")");
      }
      String value = next.group(3).replaceAll("\\\\(.)", "$1");
      matchers.add(
          new LabelMatcher(
              next.group(1),
              next.group(2),
              value,
              Pattern.compile(next.group(2).endsWith("~") ? value : Pattern.quote(value))));
      at = next.end();
    }
    return matchers;
  }

  boolean selects(MetricsPage.Sample sample) {
    return sample.name().equals(name)
        && matchers.stream().allMatch(m -> m.matches(sample.labels().getOrDefault(m.label(), "")));
  }
}
