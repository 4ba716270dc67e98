package dev.thaw.app.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Latency in milliseconds and errors of some requests; percentiles by nearest rank. */
record Figures(double p50, double p95, double p99, double max, int requests, int errors) {

  static Figures of(List<Request> requests) {
    double[] sorted = requests.stream().mapToDouble(Request::latencyMs).sorted().toArray();
    return new Figures(
        rank(sorted, 0.50),
        rank(sorted, 0.95),
        rank(sorted, 0.99),
        sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1],
        sorted.length,
        (int) requests.stream().filter(Request::failed).count());
  }

  static double rank(double[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }

  double errorRatio() {
    return requests == 0 ? 0 : (double) errors / requests;
  }

  Map<String, Object> toMap() {
    var map = new LinkedHashMap<String, Object>();
    map.put("p50_ms", rounded(p50));
    map.put("p95_ms", rounded(p95));
    map.put("p99_ms", rounded(p99));
    map.put("max_ms", rounded(max));
    map.put("requests", requests);
    map.put("errors", errors);
    return map;
  }

  /** For people: no more digits than tell something; a dash for what there is none of. */
  static String text(double value) {
    return Double.isFinite(value)
        ? String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.1f", value)
        : "-";
  }

  static @org.jspecify.annotations.Nullable Double rounded(double value) {
    return Double.isFinite(value) ? Math.round(value * 100) / 100.0 : null;
  }
}
