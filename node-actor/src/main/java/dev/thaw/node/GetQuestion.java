package dev.thaw.node;

import dev.thaw.node.http.HttpConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A GET, judged by its status. */
record GetQuestion(String path, Map<String, String> headers) implements Question {
  @Override
  public CompletableFuture<Answer> ask(HttpConnection open, boolean calm, Duration limit) {
    return open.send("GET", path, headers, limit)
        .thenApply(reply -> Answer.ofStatus(reply.status()));
  }
}
