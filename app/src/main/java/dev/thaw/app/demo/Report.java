package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.thaw.app.demo.Birth.Regime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the demo found, as {@code report.json} and as one page. */
final class Report {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, Object> content = new LinkedHashMap<>();

  Report(String version, long seed) {
    content.put("version", version);
    content.put(
        "machine",
        Map.of(
            "cores", Runtime.getRuntime().availableProcessors(),
            "kernel", System.getProperty("os.version"),
            "arch", System.getProperty("os.arch"),
            "java", System.getProperty("java.version")));
    content.put("seed", seed);
    for (String part :
        List.of(
            "order",
            "verdict",
            "reasons",
            "regimes",
            "start",
            "faulty",
            "crash",
            "keepalive",
            "driver_lag_p99_ms",
            "gates")) {
      content.put(part, null);
    }
    content.put("gates", gates());
  }

  void put(String part, @Nullable Object value) {
    content.put(part, value);
  }

  void regimes(List<String> order, Map<Regime, Analysis.Judged> judged) {
    content.put("order", order);
    var regimes = new LinkedHashMap<String, Object>();
    for (Regime regime : Regime.values()) {
      Analysis.Judged one = judged.get(regime);
      regimes.put(regime.key(), one == null ? null : one.toMap());
    }
    content.put("regimes", regimes);
    Analysis.Judged thaw = judged.get(Regime.THAW);
    if (thaw != null) {
      var start = new LinkedHashMap<String, Object>();
      for (String mark :
          List.of(
              "runtime_main",
              "main_main",
              "listen",
              "serve",
              "first_success",
              "confirmed",
              "warmed")) {
        start.put(mark + "_ms", thaw.birth().marks().get(mark));
      }
      content.put("start", start);
    }
  }

  void verdict(Analysis.Verdict verdict) {
    content.put("verdict", verdict.word());
    var reasons = new ArrayList<>(verdict.failed());
    reasons.addAll(verdict.open());
    content.put("reasons", reasons);
  }

  /** How much evidence a rung rests on: no error in n requests bounds the error rate by 3/n. */
  private static List<Map<String, Object>> gates() {
    var gates = new ArrayList<Map<String, Object>>();
    double[][] rungs = {{1, 1, 2}, {5, 3, 2}, {20, 3, 3}, {100, 5, 10}};
    for (double[] rung : rungs) {
      var gate = new LinkedHashMap<String, Object>();
      double n = 120 * rung[0] / (300 + rung[0]) * rung[1];
      gate.put("weight", (int) rung[0]);
      gate.put("hold_s", rung[1]);
      gate.put("default_hold_s", rung[2]);
      gate.put("n", Math.round(n * 10) / 10.0);
      gate.put("bound_3_over_n", n > 3 ? Math.round(3 / n * 1000) / 1000.0 : 1);
      gates.add(gate);
    }
    return gates;
  }

  @SuppressWarnings("unchecked")
  List<Map<String, Object>> evidence() {
    return (List<Map<String, Object>>) content.getOrDefault("gates", List.of());
  }

  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    String json = JSON.writeValueAsString(content);
    Files.writeString(folder.resolve("report.json"), json + "\n");
    try (InputStream page = Report.class.getResourceAsStream("report.html")) {
      String template = new String(page.readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(
          folder.resolve("report.html"),
          template.replace("/*REPORT*/null", json.replace("</", "<\\/")));
    }
  }
}
