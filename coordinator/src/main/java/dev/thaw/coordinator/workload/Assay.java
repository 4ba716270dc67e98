package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Answer;
import dev.thaw.coordinator.gate.Evidence;
import dev.thaw.coordinator.gate.Judge;
import dev.thaw.coordinator.gate.Verdict;
import dev.thaw.coordinator.gate.Window;
import dev.thaw.persistence.Member;
import java.util.HashMap;
import java.util.Map;

/** Puts together what is known about a watched pod and has it judged. */
final class Assay {

  /** After how many intervals without news a sample or an answer is stale. */
  private static final int STALE_INTERVALS = 3;

  private final WarmupPolicy policy;
  private final Rungs rungs;

  Assay(WarmupPolicy policy, Rungs rungs) {
    this.policy = policy;
    this.rungs = rungs;
  }

  Verdict verdict(Turn turn, Member member, Watch watch) {
    return Judge.judge(rungs.rung(watch.rung()), evidence(turn, member, watch));
  }

  /** How old a sample may be, in nanoseconds. */
  long freshNanos() {
    return STALE_INTERVALS
        * policy
            .metrics()
            .flatMap(WarmupPolicy.Metrics::scrape)
            .map(WarmupPolicy.Scrape::interval)
            .orElse(policy.birth().gateDefaults().interval())
            .toNanos();
  }

  private Evidence evidence(Turn turn, Member member, Watch watch) {
    PodLive pod = turn.pod(member.pod());
    return new Evidence(
        pod.probing(),
        policy.metrics().flatMap(WarmupPolicy.Metrics::scrape).isPresent(),
        window(turn, member, watch),
        peers(turn, member, watch),
        pod.tally().failures() - watch.failuresBefore(),
        answers(turn, watch));
  }

  private Window window(Turn turn, Member of, Watch watch) {
    PodLive pod = turn.pod(of.pod());
    if (!pod.trouble().isEmpty()) {
      return new Window.Missing(pod.trouble());
    }
    Sample base = watch.base().get(of.pod());
    Sample latest = pod.latest().orElse(null);
    if (base == null || latest == null || !of.is(base.start()) || !of.is(latest.start())) {
      return new Window.Missing("no counters since its rung was applied");
    } else if (turn.nanos() - latest.arrived() > freshNanos()) {
      return new Window.Missing("its counters are stale");
    }
    return Window.between(base.counters(), latest.counters());
  }

  /** All warm peers together; one without usable counters is left out, all of them is missing. */
  private Window peers(Turn turn, Member member, Watch watch) {
    Window.Seen sum = Window.Seen.NOTHING;
    int warm = 0;
    int seen = 0;
    for (Member peer : turn.state().warm()) {
      if (peer.pod().equals(member.pod())) {
        continue;
      }
      warm++;
      if (window(turn, peer, watch) instanceof Window.Seen window) {
        sum = sum.plus(window);
        seen++;
      }
    }
    return warm > 0 && seen == 0
        ? new Window.Missing("no counters of its warm peers in this window")
        : sum;
  }

  private Map<String, Answer> answers(Turn turn, Watch watch) {
    long fresh = STALE_INTERVALS * policy.birth().gateDefaults().interval().toNanos();
    var answers = new HashMap<String, Answer>();
    watch
        .answers()
        .forEach(
            (promql, answered) ->
                answers.put(
                    promql,
                    turn.nanos() - answered.at() > fresh
                        ? new Answer.Missing("the last answer is stale")
                        : answered.answer()));
    return answers;
  }

  /** The pod itself counts too: what a watch begins with. */
  Map<PodUid, Sample> base(Turn turn) {
    return Samples.atHand(turn, freshNanos());
  }
}
