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
 */
public final class GateReader {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int LONGEST_BODY = 1 << 20;

  private final Optional<URI> prometheus;
  private final Duration fresh;
  private final Clock clock;
  private final ObjectMapper json = new ObjectMapper();
  private @Nullable HttpClient client;

  /**
   * A reader.
   *
   * @param prometheus empty: every answer says that none is configured
   * @param fresh how old a sample may be that is used
   */
  public GateReader(Optional<URI> prometheus, Duration fresh, Clock clock) {
    this.prometheus = prometheus;
    this.fresh = fresh;
    this.clock = clock;
  }

  /** Asks; {@code $instance} in the query stands for the pod's page of metrics. Never fails. */
  public CompletionStage<Answer> ask(String promql, Endpoint instance) {
    if (prometheus.isEmpty()) {
      return answered("the policy names no Prometheus");
    }
    String query = promql.replace("$instance", instance.toString());
    String base = prometheus.get().toString().replaceAll("/+$", "");
    URI uri =
        URI.create(
            base + "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).GET().build();
    return client()
        .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .handle(
            (response, thrown) ->
                thrown == null
                    ? read(response.statusCode(), response.body())
                    : fault("Prometheus cannot be asked: " + cause(thrown)));
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
              .connectTimeout(TIMEOUT)
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
    double age = clock.millis() / 1e3 - at;
    if (Double.isNaN(age) || age > fresh.toMillis() / 1e3) {
      return new Answer.Missing("the answer is %.0f s old".formatted(age));
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
