package dev.thaw.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class SceneTest {

  @Test
  void limitsFollowFromTheOtherRegimesOfTheSameRun() throws Exception {
    var report =
        new ObjectMapper()
            .readTree(
                """
                {"regimes": {
                  "listen":          {"first_15s": {"p95_ms": 2000}, "service_30s": {"p95_ms": 900}},
                  "readiness_probe": {"first_15s": {"p95_ms": 1500}, "service_30s": {"p95_ms": 700}},
                  "thaw_no_warmup":  {"first_15s": {"p95_ms": 1000}, "service_30s": {"p95_ms": 40}},
                  "thaw": {"first_15s":   {"p95_ms": 201, "requests": 400, "errors": 2},
                           "service_30s": {"p95_ms": 45,  "requests": 3600, "errors": 0}}}}
                """);

    List<Figure> figures = Scene.figures(report);

    Figure first = figures.get(figures.size() - 2);
    Figure service = figures.get(figures.size() - 1);
    assertThat(first.bound().orElseThrow().atMost()).isEqualTo(200);
    assertThat(first.met()).isEqualTo("NO");
    assertThat(first.what()).contains("2 errors");
    assertThat(service.bound().orElseThrow().atMost()).isEqualTo(45);
    assertThat(service.met()).isEqualTo("yes");
  }
}
