package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.app.AnyCertificate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Pages that the demo reads: Thaw's admin API and what replicas say of themselves. Any thread. */
final class Pages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpClient http;

  /** Demo servers show certificates that nobody has signed. */
  Pages() {
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(AnyCertificate.context())
            .connectTimeout(Duration.ofSeconds(2))
            .build();
  }

  JsonNode get(String uri) throws IOException, InterruptedException {
    return JSON.readTree(
        http.send(
                HttpRequest.newBuilder(URI.create(uri)).timeout(PATIENCE).build(),
                HttpResponse.BodyHandlers.ofByteArray())
            .body());
  }

  /** Says something with a token; the answer must be 200. */
  void post(String uri, String token, Map<String, ?> body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(uri))
                .header("Authorization", "Bearer " + token)
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(uri + " answered " + answer.body().strip());
    }
  }

  /** What a replica says of itself; empty when it does not answer. */
  Optional<JsonNode> stats(String address) throws InterruptedException {
    try {
      return Optional.of(get("https://" + address + "/stats"));
    } catch (IOException e) {
      return Optional.empty(); // a replica that has just died has nothing to say
    }
  }

  /** Orders so many things of a replica, one after the other; the first waits for its catalogue. */
  void order(String address, int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      get("https://" + address + "/order?c=" + i);
    }
  }

  /** Whether a shallow health check passes, as a readinessProbe with a timeout of 1 s sees it. */
  boolean healthy(String address) throws InterruptedException {
    try {
      return http.send(
                  HttpRequest.newBuilder(URI.create("https://" + address + "/healthz"))
                      .timeout(Duration.ofSeconds(1))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false; // not yet
    }
  }
}
