package dev.thaw.node;

import dev.thaw.node.http.Connector;
import dev.thaw.protocol.v1.TrackPod;
import dev.thaw.protocol.v1.WarmupPlan;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What makes one pod's present start warm: requests once, and the pool of connections that stays.
 * One thread; what it calls back is called on the connector's event loop.
 */
final class Warming {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final TrackPod pod;
  private final WarmupPlan plan;
  private final ProbeSpec spec;
  private @Nullable WarmupRun run;
  private @Nullable WarmPool pool;

  Warming(TrackPod pod, ProbeSpec spec) {
    this.pod = pod;
    this.plan = pod.getWarmup();
    this.spec = spec;
  }

  /** Whether requests are being sent. */
  boolean isUnderWay() {
    return run != null;
  }

  /**
   * Sends the requests, spoken as the probes are, and opens the pool unless it is there.
   *
   * @param ended hears what came of the requests, and how far the pool is by then
   * @param changed as for {@link WarmPool#start}
   */
  void begin(
      Connector connector,
      Approach approach,
      BiConsumer<WarmupRun.Result, WarmPool.Counts> ended,
      Consumer<WarmPool.Counts> changed) {
    WarmupRun.Destination to = destination(approach);
    CompletableFuture<WarmPool.Counts> warm = firstRound(connector, to, changed);
    run =
        WarmupRun.start(
            connector, to, plan, result -> warm.thenAccept(counts -> ended.accept(result, counts)));
  }

  private WarmupRun.Destination destination(Approach approach) {
    Route way = approach.way();
    var address = new InetSocketAddress(way.address().getAddress(), pod.getAddress().getPort());
    return new WarmupRun.Destination(
        spec.target(address, CONNECT),
        spec.wire(approach.dialect()),
        way.sockets(),
        spec.headers("Thaw-Warmup"));
  }

  /** Whether the plan has a pool that is not open: a pod that was warmed before we came. */
  boolean lacksPool() {
    return plan.hasPool() && pool == null;
  }

  /**
   * Opens the pool of a pod that needs no warm-up requests any more, unless it is there.
   *
   * @param ready whether the pod has reached full traffic
   * @param told hears what the first round comes to, then as for {@link WarmPool#start}
   */
  void keepPool(
      Connector connector, Approach approach, boolean ready, Consumer<WarmPool.Counts> told) {
    if (lacksPool()) {
      firstRound(connector, destination(approach), told).thenAccept(told);
      if (ready) {
        ready();
      }
    }
  }

  /** What becomes of the pool's connections in its first round. */
  private CompletableFuture<WarmPool.Counts> firstRound(
      Connector connector, WarmupRun.Destination to, Consumer<WarmPool.Counts> changed) {
    if (!plan.hasPool()) {
      return CompletableFuture.completedFuture(WarmPool.Counts.NONE);
    }
    return pool(connector, to, changed).firstRound(Duration.ofNanos(plan.getTimeLimitNanos()));
  }

  private WarmPool pool(
      Connector connector, WarmupRun.Destination to, Consumer<WarmPool.Counts> changed) {
    WarmPool there = pool;
    if (there == null) {
      String path = pod.getProbe().getPath();
      there = WarmPool.start(connector, to, plan.getPool(), pod.getPodUid(), path, changed);
      pool = there;
    }
    return there;
  }

  /** The requests have ended. */
  void over() {
    run = null;
  }

  /** The pod has reached full traffic. */
  void ready() {
    if (pool != null) {
      pool.ready();
    }
  }

  /** Ends all of it. */
  void end() {
    if (run != null) {
      run.cancel();
      run = null;
    }
    if (pool != null) {
      pool.close();
      pool = null;
    }
  }
}
