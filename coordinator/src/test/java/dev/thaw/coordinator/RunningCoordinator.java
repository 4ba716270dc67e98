package dev.thaw.coordinator;

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
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A whole coordinator with two replicas on a node that behaves as told. */
record RunningCoordinator(CoordinatorRuntime runtime, ScriptedNode node, URI admin)
    implements AutoCloseable {
  static final String TOKEN = "secret";

  static RunningCoordinator in(Path folder, Consumer<FeedEvent> follower) throws Exception {
    Path journal = folder.resolve("journal.mv.db");
    JournalCheck.open(journal);
    InProcessLink.Pair link = InProcessLink.pair();
    var node = new ScriptedNode(link.nodeEnd());
    CoordinatorRuntime runtime =
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
            follower);
    return new RunningCoordinator(
        runtime, node, runtime.adminUri().toCompletableFuture().get(30, TimeUnit.SECONDS));
  }

  /** Says a verb, with the token. */
  HttpResponse<String> post(String page, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(admin.resolve(page))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    runtime.stop().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    node.close();
  }
}
