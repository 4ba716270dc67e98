package dev.thaw.node;

import dev.thaw.node.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What one probe asks over an open connection. Event loop only. */
interface Question {
  /**
   * Asks once.
   *
   * @param calm without a PING: the server has asked for fewer
   * @param limit what has not answered by then fails
   */
  CompletableFuture<Answer> ask(HttpConnection open, boolean calm, Duration limit);
}
