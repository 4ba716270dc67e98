package dev.thaw.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.thaw.config.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GateReaderTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000);
  private static final Endpoint POD = new Endpoint("127.101.0.1", 9100);

  private HttpServer server;
  private String answer = "";
  private String scraped =
      "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}";
  private int status = 200;
  private String asked = "";

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/query",
        exchange -> {
          String query =
              URLDecoder.decode(exchange.getRequestURI().getRawQuery(), StandardCharsets.UTF_8);
          boolean aboutScrape = query.contains("timestamp(up");
          if (!aboutScrape) {
            asked = query;
          }
          byte[] body = (aboutScrape ? scraped : answer).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Answer ask(String query) throws Exception {
    return new GateReader(
            Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/")),
            Duration.ofSeconds(10),
            new PrometheusSettings(Duration.ofSeconds(2)),
            Clock.fixed(NOW, ZoneOffset.UTC))
        .ask(query, POD)
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private static String vector(String at, String value) {
    return """
        {"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%s,"%s"]}]}}
        """
        .formatted(at, value);
  }

  private String missing(String query) throws Exception {
    assertThat(ask(query)).isInstanceOf(Answer.Missing.class);
    return ((Answer.Missing) ask(query)).why();
  }

  @Test
  void oneFreshNumberIsTheAnswerAndTheQueryNamesThePod() throws Exception {
    answer = vector("999.5", "0.02");
    assertThat(ask("errors{instance=\"$instance\"}")).isEqualTo(new Answer.Value(0.02));
    assertThat(asked).isEqualTo("query=errors{instance=\"127.101.0.1:9100\"}");
  }

  @Test
  void aScalarIsANumberToo() throws Exception {
    answer =
        "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1000,\"7\"]}}";
    assertThat(ask("7")).isEqualTo(new Answer.Value(7));
  }

  @Test
  void whatIsNoNumberMayNotBeUsed() throws Exception {
    answer = vector("1000", "NaN");
    assertThat(missing("q")).contains("NaN");
    answer = vector("1000", "+Inf");
    assertThat(missing("q")).contains("Inf");
    answer = vector("1000", "seven");
    assertThat(missing("q")).contains("seven");
  }

  @Test
  void aStaleNumberMayNotBeUsed() throws Exception {
    answer = vector("900", "0.02");
    assertThat(missing("q")).contains("100 s old");
  }

  @Test
  void aNumberAboutAPodThatWasNotScrapedSinceTheLastVerdictMayNotBeUsed() throws Exception {
    answer = vector("1000", "0.02");
    scraped = vector("1000", "975");
    assertThat(missing("errors{instance=\"$instance\"}"))
        .isEqualTo("Prometheus scraped it 25 s ago (expected: within the gate's interval of 10 s)");

    scraped = vector("1000", "991");
    assertThat(ask("errors{instance=\"$instance\"}")).isEqualTo(new Answer.Value(0.02));
  }

  @Test
  void aQueryAboutNoPodRestsOnNoPodsScrape() throws Exception {
    answer = vector("1000", "0.02");
    scraped = vector("1000", "975");
    assertThat(ask("slo:errors:ratio")).isEqualTo(new Answer.Value(0.02));
  }

  @Test
  void noSeriesAndSeveralSeriesAreNoAnswer() throws Exception {
    answer = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}";
    assertThat(missing("q")).contains("no series");
    answer =
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"value\":[1000,\"1\"]},{\"value\":[1000,\"2\"]}]}}";
    assertThat(missing("q")).contains("2 series");
  }

  @Test
  void nonsenseAndErrorsAreNoAnswerAndSayWhy() throws Exception {
    answer = "<html>";
    assertThat(missing("q")).contains("no JSON");
    status = 400;
    answer = "{\"status\":\"error\",\"error\":\"parse error\"}";
    assertThat(missing("q")).contains("400", "parse error");
  }

  @Test
  void anAbsentPrometheusIsNoAnswer() throws Exception {
    server.stop(0);
    assertThat(missing("q")).contains("cannot be asked");
  }

  @Test
  void nonsenseIsItsFaultAndAnEmptyAnswerIsNot() throws Exception {
    answer = "the weather is fine";
    assertThat(((Answer.Missing) ask("q")).fault()).isTrue();
    answer = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}";
    assertThat(((Answer.Missing) ask("q")).fault()).isFalse();
  }
}
