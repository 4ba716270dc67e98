package dev.thaw.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/** Plain GET requests at a steady rate, over kept connections or a new one for each. */
final class RequestLoad {
  private static final int CLIENTS = 8;
  private static final byte[] KEEP =
      "GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLOSE =
      "GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private RequestLoad() {}

  /** Runs it; how many requests were answered. */
  static long run(String host, int port, int perSecond, Duration time, boolean keepAlive)
      throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      var counts = new ArrayList<Future<Long>>();
      for (int i = 0; i < CLIENTS; i++) {
        counts.add(clients.submit(() -> client(host, port, perSecond / CLIENTS, time, keepAlive)));
      }
      long all = 0;
      for (Future<Long> count : List.copyOf(counts)) {
        all += count.get();
      }
      return all;
    } finally {
      clients.shutdownNow();
    }
  }

  private static long client(String host, int port, int perSecond, Duration time, boolean keepAlive)
      throws IOException {
    long interval = 1_000_000_000L / perSecond;
    long began = System.nanoTime();
    long count = 0;
    var socket = keepAlive ? new Socket(host, port) : null;
    while (System.nanoTime() - began < time.toNanos()) {
      if (socket != null) {
        ask(socket, KEEP);
      } else {
        try (var once = new Socket(host, port)) {
          ask(once, CLOSE);
        }
      }
      count++;
      LockSupport.parkNanos(began + count * interval - System.nanoTime());
    }
    if (socket != null) {
      socket.close();
    }
    return count;
  }

  /** Sends it and reads up to the body's two bytes. */
  private static void ask(Socket socket, byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    InputStream answer = socket.getInputStream();
    var bytes = new byte[1024];
    var said = new StringBuilder();
    while (said.indexOf("\r\n\r\nok") < 0) {
      int count = answer.read(bytes);
      if (count < 0) {
        throw new IOException("no answer but: " + said);
      }
      said.append(new String(bytes, 0, count, StandardCharsets.US_ASCII));
    }
  }
}
