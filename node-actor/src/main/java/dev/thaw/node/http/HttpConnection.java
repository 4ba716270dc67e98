package dev.thaw.node.http;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * An open connection to a pod. Any thread; every future fails with a {@link Failure} and completes
 * on the event loop.
 */
public interface HttpConnection extends AutoCloseable {

  /** As people know it: {@code h2}, {@code h2c}, {@code http/1.1}, {@code http/1.1+tls}. */
  String protocol();

  /** Sends one request without a body. Over HTTP/1.1 one at a time; over HTTP/2 any number. */
  CompletableFuture<Reply> send(String method, String path, Map<String, String> headers);

  /** Sends an HTTP/2 PING; fails with WRONG_PROTOCOL over HTTP/1.1. */
  CompletableFuture<Void> ping(long content);

  /** Whether requests can still be sent: not after GOAWAY, a reset or an end. */
  boolean isUsable();

  /** Closes at once; whatever is under way fails with RESET. */
  @Override
  void close();
}
