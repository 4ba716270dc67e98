package dev.thaw.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.coordinator.feed.FeedEvent;
import dev.thaw.coordinator.local.LocalRun;
import dev.thaw.coordinator.local.RestartMode;
import dev.thaw.persistence.JournalCheck;
import dev.thaw.protocol.InProcessLink;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole coordinator, real cluster and journal, with a node that behaves as told. */
class CoordinatorIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOKEN = "secret";

  @TempDir Path folder;
  private final BlockingQueue<FeedEvent> events = new LinkedBlockingQueue<>();
  private final List<FeedEvent> unread = new ArrayList<>();
  private CoordinatorRuntime coordinator;
  private ScriptedNode node;
  private URI admin;

  @BeforeEach
  void start() throws Exception {
    Path journal = folder.resolve("journal.mv.db");
    JournalCheck.open(journal);
    InProcessLink.Pair link = InProcessLink.pair();
    node = new ScriptedNode(link.nodeEnd());
    coordinator =
        CoordinatorRuntime.start(
            new CoordinatorSettings(journal, 0, TOKEN, "test", Tuning.load()),
            Policies.blind(),
            new LocalRun(
                List.of("serve", "{addr}", "{port}"),
                2,
                RestartMode.NEVER,
                Map.of(),
                folder,
                folder,
                0,
                "r1",
                0,
                List.of(),
                (next, pods) -> {}),
            link.coordinatorEnd(),
            events::add);
    admin = coordinator.adminUri().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    coordinator.stop().toCompletableFuture().get(30, TimeUnit.SECONDS);
    node.close();
  }

  /** The next event of this kind; others stay: what different actors say has no order. */
  private FeedEvent await(String kind) throws InterruptedException {
    for (int at = 0; ; at++) {
      if (at == unread.size()) {
        FeedEvent event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("an event %s after %s", kind, unread).isNotNull();
        unread.add(event);
      }
      if (unread.get(at).event().equals(kind)) {
        return unread.remove(at);
      }
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode read(String page) throws Exception {
    return JSON.readTree(send(HttpRequest.newBuilder(admin.resolve(page))).body());
  }

  private HttpResponse<String> post(String page, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(admin.resolve(page))
            .header("Authorization", "Bearer " + TOKEN)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private String name() {
    return Policies.blind().name();
  }

  @Test
  void theFirstConfirmedGoesFullAndTheNodeHoldsItsTable() throws Exception {
    assertThat(await("full").fields()).isEmpty();
    assertThat(node.served()).as("a table with one pod at 100").isTrue();
    JsonNode workload = read("/v1/workloads/" + name());
    assertThat(workload.path("plane").asText()).isEqualTo("kernel");
    assertThat(workload.path("pods")).hasSize(2);
    JsonNode table = workload.path("tables").path(0);
    assertThat(table.path("map_wait_ms").asDouble()).isEqualTo(8);
    assertThat(table.path("applied_ms").asDouble()).isGreaterThan(8);
    assertThat(table.path("applied_ms").asDouble() - table.path("in_force_ms").asDouble())
        .isCloseTo(4, within(1e-6));
    JsonNode pod = read("/v1/pods/" + name() + "-0");
    assertThat(pod.path("timeline").toString()).contains("listen");
    assertThat(pod.path("decisions").toString()).contains("Confirmed");
  }

  @Test
  void pagesSayHowItIs() throws Exception {
    await("full");
    assertThat(read("/health").path("status").asText()).isEqualTo("up");
    assertThat(send(HttpRequest.newBuilder(admin.resolve("/ready"))).statusCode()).isIn(200, 503);
    assertThat(send(HttpRequest.newBuilder(admin.resolve("/metrics"))).statusCode()).isEqualTo(200);
    assertThat(send(HttpRequest.newBuilder(admin.resolve("/nowhere"))).statusCode()).isEqualTo(404);
  }

  @Test
  void verbsNeedTheTokenAndSayWhatWasWrong() throws Exception {
    await("full");
    String pod = "/v1/pods/" + name() + "-0/";
    assertThat(
            send(HttpRequest.newBuilder(admin.resolve(pod + "pause"))
                    .POST(HttpRequest.BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(401);
    assertThat(post(pod + "pause", "{nonsense").statusCode()).isEqualTo(400);
    assertThat(post(pod + "explode", "").statusCode()).isEqualTo(404);
    assertThat(post("/v1/pods/nobody/pause", "").statusCode()).isEqualTo(404);
    assertThat(post("/v1/workloads/" + name() + "/scale", "{\"replicas\":0}").statusCode())
        .isEqualTo(409);
    assertThat(post("/v1/workloads/" + name() + "/scale", "{\"replicas\":\"x\"}").statusCode())
        .isEqualTo(400);
    assertThat(post("/v1/workloads/" + name() + "/abort", "").statusCode())
        .as("would leave nobody")
        .isEqualTo(409);
    HttpResponse<String> paused = post(pod + "pause", "{}");
    assertThat(paused.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(paused.body()).path("done").asText()).isNotEmpty();
  }

  @Test
  void scalingUpStartsAnotherAndScalingDownEndsTheNewest() throws Exception {
    await("full");
    assertThat(post("/v1/workloads/" + name() + "/scale", "{\"replicas\":3}").statusCode())
        .isEqualTo(200);
    await("scaled");
    node.awaitStarted(name() + "-2");
    assertThat(post("/v1/workloads/" + name() + "/scale", "{\"replicas\":2}").statusCode())
        .isEqualTo(200);
    assertThat(await("gone").pod()).isEqualTo(name() + "-2");
  }

  @Test
  void aRestartIsAnotherStartOfTheSamePod() throws Exception {
    await("full");
    assertThat(post("/v1/pods/" + name() + "-1/restart", "").statusCode()).isEqualTo(200);
    assertThat(await("gone").pod()).isEqualTo(name() + "-1");
    assertThat(await("restarted").fields()).containsEntry("restarts", 1);
    await("listen");
    await("confirmed");
    JsonNode pod = read("/v1/pods/" + name() + "-1");
    assertThat(pod.path("restarts").asInt()).as("its end was said twice").isOne();
    assertThat(pod.path("state").asText()).isNotEqualTo("gone");
  }

  @Test
  void whenAllProcessesHaveEndedWellTheRunSaysSo() throws Exception {
    await("full");
    node.endAll(0);
    assertThat(coordinator.whenAllGone().toCompletableFuture().get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whenOneHasEndedBadlyItSaysThat() throws Exception {
    await("full");
    node.endAll(3);
    assertThat(coordinator.whenAllGone().toCompletableFuture().get(30, TimeUnit.SECONDS)).isFalse();
  }
}
