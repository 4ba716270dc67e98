package dev.thaw.node;

import dev.thaw.node.http.ScriptedServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A server as if it were far away: every byte takes so long each way. By a proxy, since kernels may
 * come without {@code sch_netem} (CONFIG_NET_SCH_NETEM), as the one this was written on does.
 */
final class FarAway implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Duration oneWay;
  private final ScriptedServer near;

  FarAway(InetSocketAddress server, Duration oneWay) {
    this.oneWay = oneWay;
    this.near =
        ScriptedServer.start(
            (in, out) -> {
              try (var there = new Socket(server.getAddress(), server.getPort())) {
                threads.execute(() -> carry(there, out));
                late(in, there.getOutputStream());
              }
            });
  }

  InetSocketAddress address() {
    return near.address();
  }

  private void carry(Socket from, OutputStream to) {
    try {
      late(from.getInputStream(), to);
    } catch (IOException ended) {
      // one of the two has closed
    }
  }

  private void late(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[4096];
    for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
      byte[] bytes = java.util.Arrays.copyOf(buffer, read);
      clock.schedule(() -> write(to, bytes), oneWay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private static void write(OutputStream to, byte[] bytes) {
    try {
      to.write(bytes);
    } catch (IOException ended) {
      // whoever waited for it has gone
    }
  }

  @Override
  public void close() throws IOException {
    near.close();
    threads.shutdownNow();
    clock.shutdownNow();
  }
}
