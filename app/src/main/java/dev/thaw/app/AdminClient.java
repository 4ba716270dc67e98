package dev.thaw.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which run a verb speaks to, and the conversation with its admin API. Blocking. */
final class AdminClient {
  /** What a run says of where it is, and what {@code --url} takes. */
  static final String URLS = "such as http://127.0.0.1:8080";

  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "The run's state folder; needed when several runs are alive.")
  @Nullable Path state;

  @Option(
      names = "--url",
      paramLabel = "URL",
      converter = Urls.class,
      description = "The admin API itself; verbs then need THAW_TOKEN in the environment.")
  @Nullable URI url;

  private @Nullable StateFolder found;

  /** Words of {@code --url}. */
  static final class Urls implements ITypeConverter<URI> {
    @Override
    public URI convert(String word) {
      return url(word)
          .orElseThrow(
              () -> new TypeConversionException("\"" + word + "\" (expected: " + URLS + ")"));
    }
  }

  /** The address that these words are, if they are one. */
  static Optional<URI> url(String words) {
    try {
      URI uri = new URI(words);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return http && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** The one workload of the run. */
  JsonNode workload() {
    JsonNode workloads = read("/v1/workloads").path("workloads");
    if (workloads.isEmpty()) {
      throw Refusal.now("the run has no workload yet; try again");
    }
    return workloads.get(0);
  }

  /** Reads a page. */
  JsonNode read(String page) {
    return send(HttpRequest.newBuilder(target(page)).GET());
  }

  /** Says a verb; the sentence that comes back. */
  String post(String kind, String name, String verb, Map<String, ?> options) {
    try {
      String path = "/v1/" + kind + "/" + encoded(name) + "/" + verb;
      return send(HttpRequest.newBuilder(target(path))
              .header("Authorization", "Bearer " + token())
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(options))))
          .path("done")
          .asText();
    } catch (IOException e) {
      throw new IllegalArgumentException("options that are no JSON: " + options, e);
    }
  }

  static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The folder of the run; refused when only its URL is known. */
  StateFolder folder() {
    if (found != null) {
      return found;
    } else if (state != null) {
      found = StateFolder.named(state);
      return found;
    } else if (url != null) {
      throw Refusal.usage("--url does not say where the logs are: use --state");
    }
    List<StateFolder> live = StateFolder.live();
    if (live.isEmpty()) {
      throw Refusal.now(
          "no run is alive below %s (start one with thaw run, or say --state)"
              .formatted(StateFolder.home()));
    } else if (live.size() > 1) {
      throw Refusal.usage(
          "several runs are alive; choose one with --state: "
              + String.join(", ", live.stream().map(each -> each.path().toString()).toList()));
    }
    found = live.get(0);
    return found;
  }

  private URI target(String page) {
    if (url != null) {
      return URI.create(url.toString().replaceAll("/+$", "") + page);
    }
    Optional<StateFolder.Admin> admin = folder().admin();
    return URI.create(
        admin
                .orElseThrow(
                    () ->
                        Refusal.now(
                            "no run has said in "
                                + folder().path()
                                + " where its admin API is; is it alive?"))
                .url()
            + page);
  }

  private String token() {
    String given = System.getenv("THAW_TOKEN");
    return given != null && !given.isBlank() ? given.strip() : folder().token();
  }

  private static JsonNode send(HttpRequest.Builder request) {
    HttpRequest built = request.timeout(PATIENCE).build();
    try {
      HttpResponse<byte[]> response =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .build()
              .send(built, HttpResponse.BodyHandlers.ofByteArray());
      JsonNode body = JSON.readTree(response.body());
      if (response.statusCode() / 100 != 2) {
        throw Refusal.now(body.path("error").asText("answered " + response.statusCode()));
      }
      return body;
    } catch (JsonProcessingException e) {
      throw Refusal.now("who answers at %s is no run: no JSON".formatted(built.uri()));
    } catch (ConnectException e) {
      throw Refusal.now("nobody answers at %s: connection refused".formatted(built.uri()));
    } catch (IOException e) {
      throw Refusal.now("nobody answers at %s: %s".formatted(built.uri(), FileTrouble.why(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.now("interrupted");
    }
  }
}
