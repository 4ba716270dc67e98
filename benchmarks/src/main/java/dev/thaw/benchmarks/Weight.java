package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How soon a decided weight is in force: from the journal's callback to the first connect that the
 * kernel counted under the new table, while clients connect all the time. Both moments are the
 * product's own, as its admin API tells them.
 */
final class Weight {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CHANGES = 200;

  /** A node looks for the first pick 100 ms after it has written a table. */
  private static final long FIRST_LOOK_MILLIS = 120;

  private static final String SPEC =
      "{ service: \"127.100.77.2:18081\", probe: { tcpSocket: {} },"
          + " birth: { floor: 0s, ladder: [ { weight: 20, hold: 1s }, { weight: 100, hold: 10m } ] } }";

  /** Takes connections and ends them: as many as come, without a thread for each. */
  private static final String SERVER =
      """
      import socket, sys
      listener = socket.socket()
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
      listener.bind((sys.argv[1], int(sys.argv[2])))
      listener.listen(1024)
      while True:
          listener.accept()[0].close()
      """;

  private Weight() {}

  static List<Figure> inForce(Bench bench) throws IOException, InterruptedException {
    Path server = Files.writeString(bench.scratch().resolve("server.py"), SERVER);
    var arguments =
        List.of("--replicas", "2", "--", "/usr/bin/python3", server.toString(), "{addr}", "{port}");
    var tables = new ArrayList<JsonNode>();
    try (var run = bench.run("weight", SPEC, arguments)) {
      run.await("full", PATIENCE);
      run.await("full", PATIENCE);
      try (var clients = new Connects("127.100.77.2", 18081)) {
        for (int i = 0; i < CHANGES / 2; i++) {
          tables.add(change(run, "abort", "{}"));
          tables.add(change(run, "promote", "{\"full\": true}"));
        }
        clients.checkAlive();
      }
    }
    return List.of(
        figure(
                "weight",
                "persist callback to the first pick under the new table",
                tables,
                "in_force_ms")
            .bound(Figure.Statistic.P99, 10),
        figure("weight-applied", "persist callback to the kernel's yes", tables, "applied_ms"),
        figure("map-wait", "of that: the map writer's wait for the kernel", tables, "map_wait_ms"));
  }

  /** Waits for each table to be used before the next, so that none is missing. */
  private static JsonNode change(ThawProcess run, String verb, String options)
      throws IOException, InterruptedException {
    run.verb("pods/weight-1/" + verb, options);
    for (int i = 0; i < 30; i++) {
      Thread.sleep(FIRST_LOOK_MILLIS);
      JsonNode workload = run.page("workloads/weight");
      JsonNode tables = workload.path("tables");
      JsonNode last = tables.path(tables.size() - 1);
      if (last.path("version").asLong() == workload.path("version").asLong()
          && last.path("in_force_ms").isNumber()) {
        return last;
      }
    }
    throw new IllegalStateException("no connect went by a new table within 3 s");
  }

  private static Figure figure(String name, String what, List<JsonNode> tables, String field) {
    var samples = new ArrayList<Double>();
    tables.forEach(table -> samples.add(table.path(field).asDouble()));
    return Figure.shown(name, what, "ms", Spread.of(samples).summary());
  }
}
