package dev.thaw.coordinator;

import com.typesafe.config.Config;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.metric.Timer;
import kamon.prometheus.PrometheusReporter;

/** What Prometheus is told of this coordinator, through Kamon. Any thread. */
public final class Metrics {
  private static final String REPORTER = "thaw-prometheus";

  private final PrometheusReporter page;
  private final Counter dropped = Kamon.counter("thaw.feed.dropped").withoutTags();
  private final Timer persist = Kamon.timer("thaw.journal.persist").withoutTags();

  private final Timer inForce = Kamon.timer("thaw.weight.in.force").withoutTags();

  /**
   * Starts to measure.
   *
   * @param config of the actor system; its {@code kamon} part says how often the page is renewed
   */
  public Metrics(Config config, String version) {
    Kamon.initWithoutAttaching(config); // without it no tick ever fills the page
    page = new PrometheusReporter(PrometheusReporter.DefaultConfigPath(), config);
    Kamon.addReporter(REPORTER, page);
    Kamon.gauge("thaw.build.info").withTag("version", version).update(1);
  }

  /** The page, in Prometheus' text format. */
  public String page() {
    return page.scrapeData();
  }

  /** Stops what Kamon runs. */
  public void close() {
    Kamon.stop();
  }

  /** A follower of the feed was too slow to be told everything. */
  public void feedDropped() {
    dropped.increment();
  }

  /** A writer has read its journal. */
  public void recovered(Workload state) {
    Kamon.counter("thaw.journal.recoveries").withTag("workload", state.name().value()).increment();
    weights(state);
  }

  /** A write is on disk; {@code nanos} it took. */
  public void persisted(long nanos) {
    persist.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * The first connect went by a new table; {@code nanos} since it was in the journal. Without
   * traffic that is the wait for a client.
   */
  public void inForce(long nanos) {
    inForce.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** These events are decided. */
  public void decided(Workload after, List<WorkloadEvent> events) {
    for (WorkloadEvent event : events) {
      Kamon.counter("thaw.decisions")
          .withTag("workload", after.name().value())
          .withTag("event", event.getClass().getSimpleName())
          .increment();
    }
    weights(after);
  }

  private static void weights(Workload state) {
    for (Member member : state.members().values()) {
      Kamon.gauge("thaw.pod.weight")
          .withTag("workload", state.name().value())
          .withTag("pod", member.name().value())
          .update(member.weight());
    }
  }
}
