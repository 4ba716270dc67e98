package dev.thaw.node.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * An open connection to a pod. Any thread; every future fails with a {@link Failure} and completes
 * on the event loop.
 */
public interface HttpConnection extends AutoCloseable {

  /** As people know it: {@code h2}, {@code h2c}, {@code http/1.1}, {@code http/1.1+tls}. */
  String protocol();

  /**
   * Sends one request without a body and hears its status; of the answer's body nothing is kept.
   * What is not answered within {@code limit} fails, and says how far it came. Over HTTP/1.1 one at
   * a time; over HTTP/2 as many as the server allows.
   *
   * @param headers not changed afterwards; the same map again is sent the cheapest
   * @param limit zero: the caller owns the limit
   */
  default CompletableFuture<Reply> send(
      String method, String path, Map<String, String> headers, Duration limit) {
    return ask(method, path, headers, limit, false);
  }

  /** The same by GET, and keeps the body. */
  default CompletableFuture<Reply> read(String path, Map<String, String> headers, Duration limit) {
    return ask("GET", path, headers, limit, true);
  }

  /** {@link #send} or {@link #read}; {@code kept}: the body is. */
  CompletableFuture<Reply> ask(
      String method, String path, Map<String, String> headers, Duration limit, boolean kept);

  /**
   * Sends an HTTP/2 PING, answered within {@code limit}; fails with WRONG_PROTOCOL over HTTP/1.1.
   *
   * @param content eight bytes that the server sends back
   */
  CompletableFuture<Void> ping(long content, Duration limit);

  /** Whether the server's patience allows a PING now; see {@link Patience}. */
  boolean mayPing();

  /**
   * Calls a gRPC method with one message; {@code observer} hears what comes of it, on the event
   * loop. Over HTTP/1.1 it hears a failure.
   *
   * @param path such as {@code /package.Service/Method}
   */
  GrpcCall call(String path, Map<String, String> headers, byte[] message, GrpcObserver observer);

  /** What an answer that does not come within {@code limit} is, by how far it came. Event loop. */
  Failure late(Duration limit);

  /** Whether requests can still be sent: not after GOAWAY, a reset or an end. */
  boolean isUsable();

  /** Closes at once; whatever is under way fails with RESET. */
  @Override
  void close();
}
