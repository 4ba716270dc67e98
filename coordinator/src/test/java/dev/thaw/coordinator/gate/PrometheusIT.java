package dev.thaw.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.thaw.config.Endpoint;
import dev.thaw.coordinator.RealPrometheus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Prometheus answers about a real page. */
class PrometheusIT {
  private static final String ERROR_RATIO =
      "sum(rate(http_requests_total{instance=\"$instance\",code=~\"5..\"}[10s]))"
          + " / sum(rate(http_requests_total{instance=\"$instance\"}[10s]))";

  @TempDir Path folder;
  private HttpServer page;
  private RealPrometheus prometheus;
  private Endpoint pod;
  private long good;
  private long bad;

  @BeforeEach
  void serve() throws Exception {
    page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    page.createContext(
        "/metrics",
        exchange -> {
          good += 98; // so many between two scrapes
          bad += 2;
          byte[] body =
              "http_requests_total{code=\"200\"} %d\nhttp_requests_total{code=\"500\"} %d\n"
                  .formatted(good, bad)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    page.start();
    pod = new Endpoint("127.0.0.1", page.getAddress().getPort());
  }

  private void start(String scrapeInterval) throws IOException {
    prometheus = RealPrometheus.scraping(folder, pod, scrapeInterval);
  }

  @AfterEach
  void stop() throws Exception {
    page.stop(0);
    if (prometheus != null) {
      prometheus.close();
    }
  }

  private Answer ask(String query, Duration gateInterval) throws Exception {
    return new GateReader(
            Optional.of(prometheus.url()),
            gateInterval,
            new PrometheusSettings(Duration.ofSeconds(2)),
            Clock.systemUTC())
        .ask(query, pod)
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  /** The first such answer; Prometheus needs seconds to start, scrape and forget. */
  private Answer await(String query, Duration gateInterval, Predicate<Answer> wanted)
      throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    for (; ; ) {
      Answer answer = ask(query, gateInterval);
      if (wanted.test(answer)) {
        return answer;
      } else if (System.nanoTime() > deadline) {
        throw new AssertionError(answer + "; Prometheus says: " + prometheus.log());
      }
      Thread.sleep(100);
    }
  }

  private static boolean says(Answer answer, String words) {
    return answer instanceof Answer.Missing missing && missing.why().contains(words);
  }

  @Test
  void aRatioOfRatesIsOneNumberAndGoesAwayWithThePodAndWithPrometheus() throws Exception {
    start("1s");
    Duration gate = Duration.ofSeconds(1);
    Answer ratio = await(ERROR_RATIO, gate, Answer.Value.class::isInstance);
    assertThat(((Answer.Value) ratio).value()).isBetween(0.0199, 0.0201);
    assertThat(ask("sum(", gate)).matches(answer -> says(answer, "Prometheus answered 400"));
    assertThat(ask("prometheus_http_requests_total", gate)).isInstanceOf(Answer.Missing.class);

    page.stop(0);
    await("http_requests_total{instance=\"$instance\"}", gate, answer -> says(answer, "no series"));

    prometheus.kill();
    assertThat(ask(ERROR_RATIO, gate)).matches(answer -> says(answer, "cannot be asked"));
  }

  @Test
  void aPrometheusThatScrapesMoreSeldomThanTheGateJudgesGivesNoEvidence() throws Exception {
    start("20s");
    String total = "sum(http_requests_total{instance=\"$instance\"})";
    await(total, Duration.ofSeconds(20), Answer.Value.class::isInstance);
    await(
        total, Duration.ofSeconds(1), answer -> says(answer, "within the gate's interval of 1 s"));
    assertThat(ask(total, Duration.ofSeconds(20))).isInstanceOf(Answer.Value.class);
  }
}
