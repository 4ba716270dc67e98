package dev.thaw.benchmarks;

import com.sun.net.httpserver.HttpServer;
import dev.thaw.bpf.HostPressure;
import dev.thaw.bpf.RunTimes;
import dev.thaw.bpf.os.Stalls;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What reading a node's pressure costs while it serves 2,000 requests a second: time of the reading
 * thread, and time the kernel spends in the programs, both as a share of one core.
 */
final class PressureCost {
  private static final int REQUESTS_PER_SECOND = 2_000;
  private static final int SECONDS = 20;

  private PressureCost() {}

  static List<Figure> run(Bench bench) throws Exception {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    RunTimes counting = RunTimes.count();
    try (var pressure = HostPressure.open()) {
      var load = new Load(server.getAddress().getPort());
      load.start();
      List<Figure> figures = measured(pressure, load);
      load.running = false;
      load.join();
      return figures;
    } finally {
      server.stop(0);
      counting.close();
    }
  }

  /** One sample a second, as a node reads; the programs' time is the kernel's own statistics. */
  private static List<Figure> measured(HostPressure pressure, Load load) {
    var percent = new ArrayList<Double>();
    var rates = new ArrayList<Double>();
    var clock = ManagementFactory.getThreadMXBean();
    long sent = load.sent;
    long ran = pressure.runNanos();
    long at = System.nanoTime();
    for (int i = 0; i < SECONDS; i++) {
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
      long began = clock.getCurrentThreadCpuTime();
      pressure.read();
      Stalls.ofMachine();
      long read = clock.getCurrentThreadCpuTime() - began;
      long nowRan = pressure.runNanos();
      long now = System.nanoTime();
      percent.add(100.0 * (read + nowRan - ran) / (now - at));
      rates.add((load.sent - sent) * 1e9 / (now - at));
      sent = load.sent;
      ran = nowRan;
      at = now;
    }
    return List.of(
        Figure.shown(
                "pressure",
                "reading the node's pressure each second, and its programs",
                "% of a core",
                Spread.of(percent).summary())
            .bound(Figure.Statistic.MEDIAN, 0.8)
            .goal(Figure.Statistic.MEDIAN, 0.2),
        Figure.shown("pressure", "requests served meanwhile", "per s", Spread.of(rates).summary()));
  }

  /** Requests one after another on a kept connection, at a steady rate. */
  private static final class Load extends Thread {
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest request;
    volatile boolean running = true;
    volatile long sent;

    Load(int port) {
      super("load");
      setDaemon(true);
      request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build();
    }

    @Override
    public void run() {
      long next = System.nanoTime();
      long count = 0;
      while (running) {
        client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        sent = ++count;
        next += 1_000_000_000L / REQUESTS_PER_SECOND;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
  }
}
