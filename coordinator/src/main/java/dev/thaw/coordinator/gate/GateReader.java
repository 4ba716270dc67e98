package dev.thaw.coordinator.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.config.Endpoint;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Asks a Prometheus for one number. Keeps nothing; whatever goes wrong is an answer that may not be
 * used, with the reason. Any thread; never blocks.
 *
 * <p>An instant query's own time is the moment it was evaluated, however old the samples are that
 * it rests on. So a query about one pod ({@code $instance}) is asked beside the time of that pod's
 * last scrape, and a Prometheus that scrapes more seldom than the gate judges gives no evidence.
 */
public final class GateReader {
  private static final String INSTANCE = "$instance";

  /** A scrape takes time, and is due when the next one is. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final int LONGEST_BODY = 1 << 20;

  private final Optional<URI> prometheus;
  private final Duration interval;
  private final PrometheusSettings settings;
  private final Clock clock;
  private final ObjectMapper json = new ObjectMapper();
  private @Nullable HttpClient client;

  /**
   * A reader.
   *
   * @param prometheus empty: every answer says that none is configured
   * @param interval of the gates: what is older than it was not scraped since the last verdict
   */
  public GateReader(
      Optional<URI> prometheus, Duration interval, PrometheusSettings settings, Clock clock) {
    this.prometheus = prometheus;
    this.interval = interval;
    this.settings = settings;
    this.clock = clock;
  }

  /** Asks; {@code $instance} in the query stands for the pod's page of metrics. Never fails. */
  public CompletionStage<Answer> ask(String promql, Endpoint instance) {
    if (prometheus.isEmpty()) {
      return answered("the policy names no Prometheus");
    }
    CompletionStage<Answer> number = instant(promql.replace(INSTANCE, instance.toString()));
    if (!promql.contains(INSTANCE)) {
      return number;
    }
    return number.thenCombine(
        instant("timestamp(up{instance=\"" + instance + "\"})"), this::unlessStale);
  }

  /** Whom Prometheus knows by another name than its address has no time that could be asked for. */
  private Answer unlessStale(Answer number, Answer scraped) {
    if (scraped instanceof Answer.Value at && isOld(at.value())) {
      return new Answer.Missing(
          "Prometheus scraped it %.0f s ago (expected: within the gate's interval of %d s)"
              .formatted(age(at.value()), interval.toSeconds()));
    }
    return number;
  }

  private CompletionStage<Answer> instant(String query) {
    String base = prometheus.orElseThrow().toString().replaceAll("/+$", "");
    URI uri =
        URI.create(
            base + "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(settings.timeout()).GET().build();
    return client()
        .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .handle(
            (response, thrown) ->
                thrown == null
                    ? read(response.statusCode(), response.body())
                    : fault("Prometheus cannot be asked: " + cause(thrown)));
  }

  private double age(double at) {
    return clock.millis() / 1e3 - at;
  }

  private boolean isOld(double at) {
    return !(age(at) <= interval.plus(GRACE).toMillis() / 1e3);
  }

  private static CompletionStage<Answer> answered(String why) {
    return CompletableFuture.completedFuture(new Answer.Missing(why));
  }

  /** Made when first needed: most policies ask no Prometheus. */
  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(settings.timeout())
              .build();
    }
    return client;
  }

  private Answer read(int status, byte[] body) {
    if (body.length > LONGEST_BODY) {
      return fault("Prometheus answered more than 1 MiB");
    }
    try {
      JsonNode page = json.readTree(body);
      if (status != 200 || !page.path("status").asText().equals("success")) {
        String error = page.path("error").asText();
        return fault("Prometheus answered " + status + (error.isEmpty() ? "" : ": " + error));
      }
      return number(page.path("data"));
    } catch (IOException e) {
      return fault("Prometheus answered " + status + " and no JSON");
    }
  }

  private static Answer fault(String why) {
    return new Answer.Missing(why, true);
  }

  private Answer number(JsonNode data) {
    String type = data.path("resultType").asText();
    JsonNode result = data.path("result");
    if (type.equals("scalar")) {
      return value(result);
    } else if (!type.equals("vector")) {
      return new Answer.Missing("the query gives a " + type + " (expected: one number)");
    } else if (result.isEmpty()) {
      return new Answer.Missing("the query gives no series");
    } else if (result.size() > 1) {
      return new Answer.Missing(
          "the query gives " + result.size() + " series (expected: one number)");
    }
    return value(result.get(0).path("value"));
  }

  private Answer value(JsonNode pair) {
    double at = pair.path(0).asDouble(Double.NaN);
    double value;
    try {
      value = Double.parseDouble(pair.path(1).asText("NaN").replace("Inf", "Infinity"));
    } catch (NumberFormatException e) {
      return fault("Prometheus answered no number: " + pair.path(1).asText());
    }
    if (!Double.isFinite(value)) {
      return new Answer.Missing("the query gives " + pair.path(1).asText());
    }
    if (isOld(at)) {
      return new Answer.Missing("the answer is %.0f s old".formatted(age(at)));
    }
    return new Answer.Value(value);
  }

  private static String cause(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
