package dev.thaw.app;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** A Prometheus that answers every question with a sentence, until it is closed. */
final class Nonsense implements AutoCloseable {
  private final HttpServer server;
  private final CountDownLatch asked = new CountDownLatch(3);

  private Nonsense(HttpServer server) {
    this.server = server;
  }

  static Nonsense start() throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var nonsense = new Nonsense(HttpServer.create(address, 0));
    nonsense.server.createContext(
        "/",
        exchange -> {
          byte[] body = "the weather is fine".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
          nonsense.asked.countDown();
        });
    nonsense.server.start();
    return nonsense;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Returns once it has been asked some times. */
  void awaitAsked() throws InterruptedException {
    asked.await();
  }

  /** Nobody answers from now on. */
  void fallSilent() {
    server.stop(0);
  }

  @Override
  public void close() {
    fallSilent();
  }
}
