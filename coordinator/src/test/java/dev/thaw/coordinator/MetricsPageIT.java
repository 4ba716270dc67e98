package dev.thaw.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.config.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Prometheus reads on a coordinator's page of metrics. */
class MetricsPageIT {
  private static final Path REFERENCE = Path.of("..", "docs", "reference", "metrics.md");
  private static final Pattern ROW =
      Pattern.compile("\\| `(thaw_\\w+)` \\| (\\w+) \\|([^|]*)\\| (.*) \\|");
  private static final String SERIES = "/api/v1/series?match%5B%5D=%7Bjob%3D%22pods%22%7D";

  @TempDir Path folder;
  private RunningCoordinator running;
  private RealPrometheus prometheus;

  /** What is told of one metric. */
  private record Told(String type, Set<String> labels, String help) {}

  @BeforeEach
  void start() throws Exception {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    running = RunningCoordinator.in(folder, event -> events.add(event.event()));
    String event = "";
    while (!"full".equals(event)) {
      event = events.poll(30, TimeUnit.SECONDS);
      assertThat(event).as("an event before one is full").isNotNull();
    }
    running.node().press();
    running.node().lose(2);
    running.node().pool(4);
    prometheus =
        RealPrometheus.scraping(folder, new Endpoint("127.0.0.1", running.admin().getPort()), "1s");
  }

  @AfterEach
  void stop() throws Exception {
    prometheus.close();
    running.close();
  }

  @Test
  void everySeriesStandsInTheReferenceWithTypeLabelsAndHelpAndTheOtherWayRound() throws Exception {
    Map<String, Told> documented = documented();
    JsonNode series = await(SERIES, said -> families(said).containsAll(documented.keySet()));

    assertThat(told(series)).isEqualTo(documented);
  }

  @Test
  void eachPodHasItsWeightUnderItsWorkloadsName() throws Exception {
    String full = "thaw_pod_weight%7Bworkload%3D%22" + Policies.blind().name() + "%22%7D";
    JsonNode weights =
        await("/api/v1/query?query=" + full, said -> said.path("result").size() == 2);

    var pods = new TreeMap<String, String>();
    weights
        .path("result")
        .forEach(
            one ->
                pods.put(
                    one.path("metric").path("pod").asText(), one.path("value").path(1).asText()));
    assertThat(pods)
        .containsOnlyKeys(Policies.blind().name() + "-0", Policies.blind().name() + "-1")
        .containsValue("100");
  }

  /** The first loss counts whole, and the next by what has come to it. */
  @Test
  void everyKernelEventThatWasLostIsCounted() throws Exception {
    running.node().lose(5);

    JsonNode lost =
        await(
            "/api/v1/query?query=thaw_node_kernel_events_lost_total",
            said -> said.path("result").path(0).path("value").path(1).asText().equals("5"));

    assertThat(lost.path("result")).hasSize(1);
  }

  @Test
  void eachPodsPoolHasItsWarmConnections() throws Exception {
    JsonNode pools =
        await(
            "/api/v1/query?query=thaw_pod_warm_connections",
            said -> said.path("result").size() == 2);

    pools
        .path("result")
        .forEach(one -> assertThat(one.path("value").path(1).asText()).isEqualTo("4"));
  }

  @Test
  void aPodThatHasGoneIsToldOfNoMore() throws Exception {
    String page =
        "/api/v1/query?query=count%20by%20(__name__)(%7Bpod%3D%22"
            + Policies.blind().name()
            + "-1%22%7D)";
    await(page, said -> said.path("result").size() == 4);

    running.post("/v1/workloads/" + Policies.blind().name() + "/scale", "{\"replicas\":1}");
    running.node().awaitEnded(Policies.blind().name() + "-1");
    running.node().press();

    await(page, said -> said.path("result").isEmpty());
  }

  /** Kamon renews its page every two seconds, Prometheus asks each second. */
  private JsonNode await(String page, Predicate<JsonNode> wanted) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    for (; ; ) {
      JsonNode said = prometheus.data(page);
      if (wanted.test(said)) {
        return said;
      } else if (System.nanoTime() > deadline) {
        throw new AssertionError(said + "; Prometheus says: " + prometheus.log());
      }
      Thread.sleep(200);
    }
  }

  private static Set<String> families(JsonNode series) {
    var names = new TreeSet<String>();
    series.forEach(one -> names.add(family(one.path("__name__").asText())));
    return names;
  }

  private static String family(String name) {
    return name.replaceAll("_(bucket|sum|count)$", "");
  }

  private Map<String, Told> told(JsonNode series) throws Exception {
    var labels = new TreeMap<String, Set<String>>();
    for (JsonNode one : series) {
      String name = family(one.path("__name__").asText());
      List<String> own = new ArrayList<>();
      one.fieldNames().forEachRemaining(own::add);
      own.removeAll(List.of("__name__", "instance", "job", "le"));
      labels.computeIfAbsent(name, first -> new TreeSet<>()).addAll(own);
    }
    var told = new TreeMap<String, Told>();
    JsonNode metadata =
        prometheus.data("/api/v1/targets/metadata?match_target=%7Bjob%3D%22pods%22%7D");
    for (JsonNode one : metadata) {
      String name = one.path("metric").asText();
      told.put(
          name,
          new Told(
              one.path("type").asText(),
              labels.getOrDefault(name, Set.of()),
              one.path("help").asText()));
    }
    return told;
  }

  private static Map<String, Told> documented() throws Exception {
    var rows = new TreeMap<String, Told>();
    for (String line : Files.readAllLines(REFERENCE)) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        var labels = new TreeSet<>(Arrays.asList(row.group(3).replace("`", "").trim().split(", ")));
        labels.remove("");
        rows.put(row.group(1), new Told(row.group(2), labels, row.group(4)));
      }
    }
    assertThat(rows).hasSizeGreaterThan(10);
    return rows;
  }
}
