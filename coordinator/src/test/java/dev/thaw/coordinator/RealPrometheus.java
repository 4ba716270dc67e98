package dev.thaw.coordinator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.config.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Prometheus of a test's own, which scrapes one page of metrics as job {@code pods}. */
public final class RealPrometheus implements AutoCloseable {
  private final Process process;
  private final URI url;
  private final Path log;

  private RealPrometheus(Process process, URI url, Path log) {
    this.process = process;
    this.url = url;
    this.log = log;
  }

  /** Starts one; it answers some seconds later. */
  public static RealPrometheus scraping(Path folder, Endpoint page, String interval)
      throws IOException {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path config =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: { scrape_interval: %s, scrape_timeout: 900ms }
            scrape_configs: [ { job_name: pods, static_configs: [ { targets: [ "%s" ] } ] } ]
            """
                .formatted(interval, page));
    Path log = folder.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=error")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new RealPrometheus(process, URI.create("http://127.0.0.1:" + port), log);
  }

  public URI url() {
    return url;
  }

  /** The data of an answer of its API; missing while it does not answer. */
  public JsonNode data(String page) throws InterruptedException {
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(url.resolve(page)).build(),
                  HttpResponse.BodyHandlers.ofString());
      return new ObjectMapper().readTree(answer.body()).path("data");
    } catch (IOException notYet) {
      return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }
  }

  /** What it has said. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
