package dev.thaw.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A process of its own that probes one server: {@code ProbeLoad get|idle PORT h2c|tls CONNECTIONS
 * RATE}. {@code get} sends probes with deadlines at a fixed rate, answered or not, and prints
 * {@code PROBES FAILED CPU_SECONDS WALL_SECONDS}; {@code idle} only holds connections and prints
 * {@code CONNECTIONS HEAP_BYTES RSS_BYTES}, each for all of them together.
 */
public final class ProbeLoad {
  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final int WARM_SECONDS = 5;
  private static final int SECONDS = 10;
  private static final long TICK_NANOS = 1_000_000;
  private static final int FIRST = 50;
  private static final int DIALS_AT_A_TIME = 64;
  private static final Map<String, String> HEADERS =
      Map.of("User-Agent", "thaw-probe/bench", "Thaw-Probe", "bench-0.x");

  private final Connector connector = new Connector();
  private final Target target;
  private final Wire wire;
  private final List<HttpConnection> open = new ArrayList<>();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private int turn;
  private double owed;

  private ProbeLoad(int port, Wire wire) {
    this.target = Target.of(new InetSocketAddress("127.0.0.1", port), CONNECT);
    this.wire = wire;
  }

  public static void main(String[] arguments) throws Exception {
    var load =
        new ProbeLoad(
            Integer.parseInt(arguments[1]), arguments[2].equals("tls") ? Wire.TLS : Wire.H2C);
    int connections = Integer.parseInt(arguments[3]);
    System.out.println(
        arguments[0].equals("get")
            ? load.probe(connections, Integer.parseInt(arguments[4]))
            : load.hold(connections));
    System.exit(0);
  }

  private void connect(int more) throws Exception {
    var room = new Semaphore(DIALS_AT_A_TIME);
    for (int i = 0; i < more; i++) {
      room.acquire();
      connector
          .connect(target, wire)
          .whenComplete(
              (made, thrown) -> {
                if (thrown == null) {
                  open.add(made); // on the event loop, as all completions are
                } else {
                  failed.increment();
                }
                room.release();
              });
    }
    room.acquire(DIALS_AT_A_TIME);
    if (failed.sum() > 0) {
      throw new IOException(failed.sum() + " connections could not be opened");
    }
  }

  private String hold(int connections) throws Exception {
    connect(FIRST);
    long heap = heap();
    long rss = rss();
    connect(connections);
    return "%d %d %d".formatted(connections, heap() - heap, rss() - rss);
  }

  private String probe(int connections, int rate) throws Exception {
    connect(connections);
    double perTick = rate * (TICK_NANOS / 1e9);
    connector
        .timers()
        .scheduleAtFixedRate(() -> tick(perTick), 0, TICK_NANOS, TimeUnit.NANOSECONDS);
    Thread.sleep(WARM_SECONDS * 1000L);
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long probes = answered.sum();
    long lost = failed.sum();
    long cpu = system.getProcessCpuTime();
    long wall = System.nanoTime();
    Thread.sleep(SECONDS * 1000L);
    return "%d %d %.3f %.3f"
        .formatted(
            answered.sum() - probes,
            failed.sum() - lost,
            (system.getProcessCpuTime() - cpu) / 1e9,
            (System.nanoTime() - wall) / 1e9);
  }

  private void tick(double perTick) {
    for (owed += perTick; owed >= 1; owed--) {
      open.get(turn++ % open.size())
          .send("GET", "/healthz", HEADERS, LIMIT)
          .whenComplete(
              (reply, thrown) -> {
                if (thrown == null && reply.status() == 200) {
                  answered.increment();
                } else {
                  failed.increment();
                }
              });
    }
  }

  private static long heap() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long rss() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
