package dev.thaw.node;

import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.ScrapePlan;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads one start's metrics page, over a connection that is kept while it works. State is confined
 * to the connector's event loop; the methods may be called on any thread.
 */
final class Scraping {
  /** Of a scrape's interval; the rest is for the answer's way through the house. */
  private static final double SHARE = 0.9;

  private final Connector connector;
  private final ProbeSpec spec;
  private final ScrapePlan plan;
  private final Scrape page;
  private final Duration limit;
  private final boolean samePort;
  private @Nullable HttpConnection connection;

  Scraping(Connector connector, ProbeSpec spec, TrackPod pod) {
    this.connector = connector;
    this.spec = spec;
    this.plan = pod.getScrape();
    this.page = new Scrape(plan);
    this.limit = Duration.ofNanos((long) (plan.getIntervalNanos() * SHARE));
    this.samePort = plan.getAddress().equals(pod.getAddress());
  }

  /**
   * Reads it once, spoken to as probes are.
   *
   * @return the report without start and time; it never fails, a report that is not ok says why
   */
  CompletableFuture<CountersReport.Builder> read(PodProber prober) {
    return prober
        .approach()
        .thenComposeAsync(this::connected, connector.timers())
        .thenCompose(open -> open.send("GET", plan.getPath(), spec.headers("Thaw-Scrape"), limit))
        .thenApply(
            reply ->
                reply.status() == 200
                    ? page.read(reply.body())
                    : Scrape.failed("the metrics page answered with status " + reply.status()))
        .handleAsync(
            (counters, thrown) -> {
              if (thrown != null || !counters.getOk()) {
                drop();
              }
              return thrown == null ? counters : Scrape.failed(Failure.of(thrown).getMessage());
            },
            connector.timers());
  }

  private CompletableFuture<HttpConnection> connected(Approach approach) {
    HttpConnection open = connection;
    if (open != null && open.isUsable()) {
      return CompletableFuture.completedFuture(open);
    }
    Route way = approach.way();
    var address = new InetSocketAddress(way.address().getAddress(), plan.getAddress().getPort());
    Wire wire = samePort ? spec.wire(approach.dialect()) : Wire.HTTP1;
    return connector
        .connect(spec.target(address, limit), wire, way.sockets())
        .thenApplyAsync(
            made -> {
              connection = made;
              return made;
            },
            connector.timers());
  }

  private void drop() {
    HttpConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  /** Lets the connection go. */
  void close() {
    connector.timers().execute(this::drop);
  }
}
