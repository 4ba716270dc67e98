package dev.thaw.benchmarks;

import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.StartProfile;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.Spawner;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How much earlier the kernel's signals of a start are than what a poll of its health page sees:
 * both of the same starts, both on CLOCK_MONOTONIC, counted from exec. The demo's order-svc, whose
 * health page is shallow, asked each 10 ms.
 */
final class SignalLead {
  private static final int STARTS = 30;
  private static final int WARM_UP = 2;
  private static final int PORT = 18_447;
  private static final long POLL_NANOS = 10_000_000;
  private static final long LONGEST_NANOS = 20_000_000_000L;
  private static final Duration READ = Duration.ofMillis(10);
  private static final String LISTEN = "LISTEN";
  private static final String SERVE = "net/http.(*Server).Serve";
  private static final byte[] ASK =
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private SignalLead() {}

  static List<Figure> overHealthPage(Bench bench) throws IOException, InterruptedException {
    Map<String, List<Double>> after = new LinkedHashMap<>();
    Map<String, List<Double>> times = new LinkedHashMap<>();
    for (int i = 0; i < WARM_UP + STARTS; i++) {
      Map<String, Double> start = start(bench, i);
      double healthy = start.getOrDefault("200", 0.0);
      if (i >= WARM_UP) { // the first ones warm the page cache, and this JVM
        start.forEach(
            (name, at) -> {
              after.computeIfAbsent(name, none -> new ArrayList<>()).add(at);
              times.computeIfAbsent(name, none -> new ArrayList<>()).add(healthy / at);
            });
      }
    }
    var figures = new ArrayList<Figure>();
    after.forEach(
        (name, values) ->
            figures.add(
                Figure.shown(
                    "lead-" + name, "exec to " + name, "ms", Spread.of(values).summary())));
    times.forEach(
        (name, values) -> {
          if (!name.equals("200")) {
            figures.add(
                Figure.shown(
                    "lead-factor-" + name,
                    "time to the first 200 of /healthz, asked each 10 ms, over time to " + name,
                    "x",
                    Spread.of(values).summary()));
          }
        });
    return figures;
  }

  /** Milliseconds from exec by signal. */
  private static Map<String, Double> start(Bench bench, int number)
      throws IOException, InterruptedException {
    Path program = Path.of("deploy/demo/bin/order-svc").toAbsolutePath();
    Cgroup group = Cgroup.of(CgroupLayout.detect(), "thaw-bench-lead-" + number).create();
    Map<String, Long> seen = new LinkedHashMap<>();
    var healthy = new AtomicLong();
    try (var profile = StartProfile.open(group.unifiedId(), group.v1Id(), 0)) {
      profile.attachSteps(program);
      Process process =
          Spawner.start(
              new Spawner.Command(
                  List.of(program.toString(), "-plain", "-listen", "127.0.0.1:" + PORT),
                  Map.of(),
                  bench.scratch(),
                  bench.scratch().resolve("lead.log"),
                  Optional.of(group)));
      bench.own(process);
      var poll = new Thread(() -> healthy.set(poll()), "poll");
      poll.start();
      try {
        while (poll.isAlive()) {
          profile.read(READ, event -> keep(event, seen));
        }
        profile.read(Duration.ZERO, event -> keep(event, seen));
      } finally {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } finally {
      group.delete();
    }
    long exec = seen.getOrDefault("exec", 0L);
    var since = new LinkedHashMap<String, Double>();
    for (String name : List.of("runtime.main", "main.main", LISTEN, SERVE)) {
      if (seen.containsKey(name)) {
        since.put(name, (seen.get(name) - exec) / 1e6);
      }
    }
    since.put("200", (healthy.get() - exec) / 1e6);
    return since;
  }

  private static void keep(ProfileEvent event, Map<String, Long> seen) {
    if (event instanceof ProfileEvent.Exec) {
      seen.put("exec", event.atNanos());
    } else if (event instanceof ProfileEvent.Listen) {
      seen.putIfAbsent(LISTEN, event.atNanos());
    } else if (event instanceof ProfileEvent.Step step) {
      seen.putIfAbsent(step.name(), event.atNanos());
    }
  }

  /** CLOCK_MONOTONIC of the first 200; a try each 10 ms, as a patient readiness probe would. */
  private static long poll() {
    long next = System.nanoTime();
    long end = next + LONGEST_NANOS;
    while (System.nanoTime() < end) {
      if (isHealthy()) {
        return Clocks.monotonicNanos();
      }
      next += POLL_NANOS;
      LockSupport.parkNanos(next - System.nanoTime());
    }
    throw new IllegalStateException("no 200 within 20 s");
  }

  private static boolean isHealthy() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", PORT), 1_000);
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(ASK);
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)
          .equals("HTTP/1.1 200");
    } catch (IOException e) {
      return false; // nobody listens yet
    }
  }
}
