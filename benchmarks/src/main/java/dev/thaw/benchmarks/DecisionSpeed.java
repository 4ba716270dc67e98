package dev.thaw.benchmarks;

import dev.thaw.config.Endpoint;
import dev.thaw.config.Mode;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.PolicyReader;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Counters;
import dev.thaw.coordinator.workload.Decision;
import dev.thaw.coordinator.workload.Effect;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.Live;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.coordinator.workload.WorkloadCore;
import dev.thaw.persistence.Workload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What one scrape of one climbing pod costs its workload's only writer: the decision, and what is
 * owed after it; and the decision in which the verdicts on all that climb are due at once. Those
 * that do not climb have been full for long.
 */
@State(Scope.Benchmark)
public class DecisionSpeed {
  private static final long SECOND = 1_000_000_000L;
  private static final String POLICY =
      """
      apiVersion: thaw.dev/v1alpha1
      kind: WarmupPolicy
      metadata: { name: orders }
      spec: { service: "127.100.0.1:8080", metrics: { scrape: { path: /metrics } } }
      """;

  /** Pods that climb, of all. */
  @Param({"5 of 10", "5 of 1000", "999 of 1000"})
  String climbing = "5 of 10";

  private final WarmupPolicy policy =
      PolicyReader.read(POLICY, "bench", Mode.RAMP).policy().orElseThrow();
  private final WorkloadCore core = new WorkloadCore(policy);
  private long nanos = 1_000 * SECOND;
  private Workload state = Workload.empty(policy.workload());
  private Live live = Live.closed(moment());
  private Input scraped = new Input.Woke();
  private Moment soon = moment();
  private Moment due = moment();

  private Moment moment() {
    return new Moment(nanos, Instant.EPOCH);
  }

  /** Without figures the ceiling lets the first ones in; then come those that climb. */
  @Setup
  public void birth() {
    String[] words = climbing.split(" of ");
    int climbers = Integer.parseInt(words[0]);
    int pods = Integer.parseInt(words[1]);
    take(new Input.SubscribersChanged(Set.of("kernel")));
    take(new Input.Open(0));
    join(0, pods - climbers);
    for (int i = 0; i < 20; i++) {
      nanos += 20 * SECOND;
      take(new Input.Woke());
      applied();
    }
    join(pods - climbers, pods);
    for (int i = 0; i < pods; i++) {
      take(scrape(i));
    }
    nanos += SECOND / 2;
    scraped = scrape(pods - 1);
    soon = moment();
    due = new Moment(nanos + SECOND, Instant.EPOCH);
    long seen = state.members().values().stream().filter(each -> !each.warm()).count();
    int judged = core.decide(state, live, scraped, due).events().size();
    if (seen != climbers || judged < climbers) {
      throw new IllegalStateException(
          "%d pods climb and %d events follow (wanted: %s)".formatted(seen, judged, climbing));
    }
  }

  private void join(int from, int to) {
    var members = new ArrayList<Input.Known>();
    for (int i = 0; i < to; i++) {
      members.add(
          new Input.Known(
              uid(i),
              new PodName("orders-" + i),
              new Endpoint("127.101.%d.%d".formatted(i / 250, 1 + i % 250), 8080)));
    }
    take(new Input.Digest(members));
    for (int i = from; i < to; i++) {
      take(new Input.PodMoved(uid(i), start(i), new Fact.Started(SECOND)));
      take(new Input.PodMoved(uid(i), start(i), new Fact.Listening(true)));
      take(new Input.PodMoved(uid(i), start(i), new Fact.Confirmed()));
    }
    applied();
  }

  private Input scrape(int i) {
    return new Input.Sampled(
        uid(i), start(i), nanos, Optional.of(new Counters(100, 0, 100, 99)), "");
  }

  private static PodUid uid(int i) {
    return new PodUid("uid-" + i);
  }

  private static StartId start(int i) {
    return new StartId("boot:" + i + ":1");
  }

  private void applied() {
    take(new Input.TableApplied("kernel", state.term(), state.version()));
  }

  private void take(Input input) {
    Decision decision = core.decide(state, live, input, moment());
    state = state.applyAll(decision.events());
    live = decision.live();
  }

  @Benchmark
  public Decision decide() {
    return core.decide(state, live, scraped, soon);
  }

  @Benchmark
  public Decision decideAllDue() {
    return core.decide(state, live, scraped, due);
  }

  @Benchmark
  public Set<Effect> effects() {
    return core.effects(state, live);
  }
}
