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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
  private final Map<String, String> headers;
  private final boolean samePort;
  private final Executor parser;
  private @Nullable HttpConnection connection;
  private boolean reading;
  private boolean over;

  /**
   * @param parser reads the pages; not the event loop
   */
  Scraping(Connector connector, ProbeSpec spec, TrackPod pod, Executor parser) {
    this.parser = parser;
    this.connector = connector;
    this.spec = spec;
    this.plan = pod.getScrape();
    this.page = new Scrape(plan);
    this.limit = Duration.ofNanos((long) (plan.getIntervalNanos() * SHARE));
    this.headers = spec.headers("Thaw-Scrape");
    this.samePort = plan.getAddress().equals(pod.getAddress());
  }

  /**
   * Reads it once, spoken to as probes are; empty while another read is under way.
   *
   * @return the report without start and time; it never fails, a report that is not ok says why
   */
  CompletableFuture<Optional<CountersReport.Builder>> read(PodProber prober) {
    return prober
        .approach()
        .thenComposeAsync(
            approach -> {
              if (reading || over) {
                return CompletableFuture.completedFuture(Optional.empty());
              }
              reading = true;
              return once(approach).thenApply(Optional::of);
            },
            connector.timers());
  }

  private CompletableFuture<CountersReport.Builder> once(Approach approach) {
    long began = System.nanoTime();
    return connected(approach)
        .thenComposeAsync(
            open -> open.read(plan.getPath(), headers, left(began)), connector.timers())
        .thenApplyAsync( // a large page would hold up the probes of all pods
            reply ->
                reply.status() == 200
                    ? page.read(reply.body())
                    : Scrape.failed("the metrics page answered with status " + reply.status()),
            parser)
        .handleAsync(
            (counters, thrown) -> {
              reading = false;
              if (thrown != null || !counters.getOk()) {
                drop();
              }
              return thrown == null ? counters : Scrape.failed(Failure.of(thrown).getMessage());
            },
            connector.timers());
  }

  private Duration left(long began) {
    long left = limit.toNanos() - (System.nanoTime() - began);
    return Duration.ofNanos(Math.max(1_000_000, left));
  }

  private CompletableFuture<HttpConnection> connected(Approach approach) {
    HttpConnection open = connection;
    if (open != null && open.isUsable()) {
      return CompletableFuture.completedFuture(open);
    }
    drop();
    Route way = approach.way();
    var address = new InetSocketAddress(way.address().getAddress(), plan.getAddress().getPort());
    Wire wire = samePort ? spec.wire(approach.dialect()) : Wire.HTTP1;
    return connector
        .connect(spec.target(address, limit), wire, way.sockets())
        .thenApplyAsync(
            made -> {
              connection = made;
              if (over) {
                drop();
              }
              return made;
            },
            connector.timers());
  }

  /** Ends it; a read that is under way is of no more use. */
  void close() {
    connector
        .timers()
        .execute(
            () -> {
              over = true;
              drop();
            });
  }

  private void drop() {
    HttpConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
