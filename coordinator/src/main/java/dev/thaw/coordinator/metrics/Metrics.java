package dev.thaw.coordinator.metrics;

import com.typesafe.config.Config;
import dev.thaw.config.PodUid;
import dev.thaw.config.WorkloadName;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kamon.Kamon;
import kamon.metric.Metric;
import kamon.metric.Timer;
import kamon.prometheus.PrometheusReporter;
import kamon.tag.TagSet;

/**
 * What Prometheus is told of this coordinator, through Kamon; docs/reference/metrics.md lists it.
 * Any thread.
 */
public final class Metrics {
  private static final String REPORTER = "thaw-prometheus";
  private static final String WORKLOAD = "workload";
  private static final Pattern OURS = Pattern.compile("^(# (HELP|TYPE) )?thaw_");
  private static final Pattern POD = Pattern.compile("[{,]pod=\"([^\"]*)\"");

  private final PrometheusReporter page;

  /** Names of pods that have left. */
  private final Set<String> gone = ConcurrentHashMap.newKeySet();

  /** The labels of pods that are here. */
  private final Map<PodUid, TagSet> here = new ConcurrentHashMap<>();

  private final Metric.Counter dropped =
      Kamon.counter(
          "thaw.feed.dropped", "Lines of /v1/events that a follower was too slow to be told.");
  private final Metric.Counter recoveries =
      Kamon.counter("thaw.journal.recoveries", "How often a writer has read its journal.");
  private final Metric.Counter decisions =
      Kamon.counter("thaw.decisions", "Decisions, by the kind of their event.");
  private final Metric.Gauge weight =
      Kamon.gauge("thaw.pod.weight", "Per cent of its fair share that a pod is given.");
  private final Metric.Gauge warm =
      Kamon.gauge("thaw.pod.warm.connections", "Connections of a pod's pool that are warm.");
  private final Metric.Timer persist =
      Kamon.timer("thaw.journal.persist", "From a decision to its event on disk.");
  private final Metric.Timer inForce =
      Kamon.timer(
          "thaw.weight.in.force",
          "From a table in the journal to the first connect that went by it.");

  /**
   * Starts to measure.
   *
   * @param config of the actor system; its {@code kamon} part says how often the page is renewed
   */
  public Metrics(Config config, String version) {
    Kamon.initWithoutAttaching(config); // without it no tick ever fills the page
    page = new PrometheusReporter(PrometheusReporter.DefaultConfigPath(), config);
    Kamon.addReporter(REPORTER, page);
    Kamon.gauge("thaw.build.info", "1; the label says which build this is.")
        .withTag("version", version)
        .update(1);
    dropped.withoutTags();
  }

  /** The page, in Prometheus' text format: what Thaw counts, and nothing of what Kamon does. */
  public String page() {
    return page.scrapeData()
        .lines()
        .filter(line -> OURS.matcher(line).find() && !isOfTheGone(line))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  /** The page would keep what was counted even of an instrument that was removed. */
  private boolean isOfTheGone(String line) {
    Matcher pod = POD.matcher(line);
    return pod.find() && gone.contains(pod.group(1));
  }

  /** Stops what Kamon runs. */
  public void close() {
    Kamon.stop();
  }

  /** A follower of the feed was too slow to be told everything. */
  public void feedDropped() {
    dropped.withoutTags().increment();
  }

  /** A writer has read its journal. */
  public void recovered(Workload state) {
    recoveries.withTag(WORKLOAD, state.name().value()).increment();
    weights(state);
  }

  /** A write is on disk; {@code nanos} it took. */
  public void persisted(WorkloadName workload, long nanos) {
    record(persist, workload, nanos);
  }

  /**
   * The first connect went by a new table; {@code nanos} since it was in the journal. Without
   * traffic that is the wait for a client.
   */
  public void inForce(WorkloadName workload, long nanos) {
    record(inForce, workload, nanos);
  }

  private static void record(Metric.Timer timer, WorkloadName workload, long nanos) {
    Timer of = timer.withTag(WORKLOAD, workload.value());
    of.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** So many connections of this pod's pool are warm now. */
  public void pooled(PodUid pod, int connections) {
    TagSet labels = here.get(pod);
    if (labels != null) {
      warm.withTags(labels).update(connections);
    }
  }

  /** These events are decided. A pod that has left is told of no more. */
  public void decided(Workload before, Workload after, List<WorkloadEvent> events) {
    for (WorkloadEvent event : events) {
      decisions.withTags(of(after).withTag("event", event.getClass().getSimpleName())).increment();
    }
    boolean others = false;
    for (WorkloadEvent event : events) {
      if (event instanceof WorkloadEvent.Joined joined) {
        gone.remove(joined.name().value());
        others = true;
      } else if (event instanceof WorkloadEvent.Left left) {
        before.member(left.pod()).ifPresent(this::left);
      }
    }
    if (others || after.version() != before.version()) {
      weights(after);
    }
  }

  private void left(Member member) {
    here.remove(member.pod());
    gone.add(member.name().value());
  }

  private void weights(Workload state) {
    for (Member member : state.members().values()) {
      TagSet labels = of(state).withTag("pod", member.name().value());
      here.put(member.pod(), labels);
      weight.withTags(labels).update(member.weight());
    }
  }

  /** All labels at once: Kamon takes each step of a chain for a series of its own. */
  private static TagSet of(Workload state) {
    return TagSet.of(WORKLOAD, state.name().value());
  }
}
