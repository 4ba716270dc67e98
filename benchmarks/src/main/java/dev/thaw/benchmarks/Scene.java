package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The figures of the demo's first scene, a birth beside three warm replicas, played once. The
 * limits follow from the other regimes of the same run.
 */
final class Scene {
  private static final List<String> OTHERS = List.of("listen", "readiness_probe", "thaw_no_warmup");

  /** A tenth of what users suffer when the newborn gets its full share at LISTEN. */
  private static final double SHARE_OF_LISTEN = 0.10;

  private Scene() {}

  static List<Figure> births(Bench bench) throws IOException, InterruptedException {
    Path out = bench.scratch().resolve("demo");
    Process demo =
        bench.own(
            new ProcessBuilder(
                    "setsid",
                    bench.launcher().toString(),
                    "demo",
                    "--scene",
                    "1",
                    "--out",
                    out.toString())
                .redirectErrorStream(true)
                .redirectOutput(bench.scratch().resolve("demo.out").toFile())
                .start());
    int code = demo.waitFor();
    if (code != 0 && code != 1 && code != 3) {
      throw new IllegalStateException(
          "the demo ended with " + code + "; see " + bench.scratch().resolve("demo.out"));
    }
    return figures(new ObjectMapper().readTree(out.resolve("report.json").toFile()));
  }

  static List<Figure> figures(JsonNode report) {
    JsonNode regimes = report.path("regimes");
    var figures = new ArrayList<Figure>();
    double listen = regimes.path("listen").path("first_15s").path("p95_ms").asDouble();
    double best = Double.MAX_VALUE;
    for (String regime : OTHERS) {
      figures.add(view(regimes, regime, "first_15s"));
      figures.add(view(regimes, regime, "service_30s"));
      best = Math.min(best, regimes.path(regime).path("service_30s").path("p95_ms").asDouble());
    }
    figures.add(
        view(regimes, "thaw", "first_15s").bound(Figure.Statistic.P95, SHARE_OF_LISTEN * listen));
    figures.add(view(regimes, "thaw", "service_30s").bound(Figure.Statistic.P95, 1.1 * best + 1));
    return figures;
  }

  private static Figure view(JsonNode regimes, String regime, String view) {
    JsonNode seen = regimes.path(regime).path(view);
    return Figure.shown(
        "scene-1",
        "%s, %s (%d errors)".formatted(view, regime, seen.path("errors").asLong()),
        "ms",
        new Spread.Summary(
            seen.path("requests").asLong(),
            Double.NaN,
            seen.path("p50_ms").asDouble(Double.NaN),
            seen.path("p95_ms").asDouble(Double.NaN),
            seen.path("p99_ms").asDouble(Double.NaN),
            seen.path("max_ms").asDouble(Double.NaN)));
  }
}
