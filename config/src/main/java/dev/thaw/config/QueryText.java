package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Series;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills a policy's series into a query: {@code $requests}, {@code $errors} and {@code $latency}
 * become selectors of one pod's series. {@code $instance} stays: it is the pod's own address, known
 * when the query is asked.
 */
final class QueryText {

  private static final Pattern NAMES = Pattern.compile("\\$(requests|errors|latency)\\b");

  private QueryText() {}

  static String fill(String query, Series series) {
    return NAMES
        .matcher(query)
        .replaceAll(
            name ->
                Matcher.quoteReplacement(
                    switch (name.group(1)) {
                      case "requests" -> selector(series.requests(), "", "");
                      case "errors" -> selector(series.requests(), "", series.errors());
                      default -> selector(series.latency(), "_bucket", "");
                    }));
  }

  private static String selector(String series, String suffix, String more) {
    int brace = series.indexOf('{');
    String name = brace < 0 ? series : series.substring(0, brace);
    String own = brace < 0 ? "" : series.substring(brace + 1, series.length() - 1) + ",";
    String added = more.isEmpty() ? "" : more + ",";
    return name + suffix + "{" + own + added + "instance=\"$instance\"}";
  }
}
