package dev.thaw.coordinator.workload;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Answer;
import dev.thaw.coordinator.gate.Evidence;
import dev.thaw.coordinator.gate.Judge;
import dev.thaw.coordinator.gate.Verdict;
import dev.thaw.coordinator.gate.Window;
import dev.thaw.persistence.Member;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Puts together what is known about a watched pod and has it judged. */
final class Assay {

  /** After how many intervals without news an answer is stale. */
  private static final int STALE_INTERVALS = 3;

  private final WarmupPolicy policy;
  private final Rungs rungs;
  private final Samples samples;

  Assay(WarmupPolicy policy, Rungs rungs, Samples samples) {
    this.policy = policy;
    this.rungs = rungs;
    this.samples = samples;
  }

  Verdict verdict(Turn turn, Member member, Watch watch) {
    return Judge.judge(rungs.rung(watch.rung()), evidence(turn, member, watch));
  }

  private Evidence evidence(Turn turn, Member member, Watch watch) {
    PodLive pod = turn.pod(member.pod());
    return new Evidence(
        pod.probing(),
        policy.metrics().flatMap(WarmupPolicy.Metrics::scrape).isPresent(),
        own(turn, member, watch),
        peers(turn, member, watch),
        pod.tally().failures() - watch.failuresBefore(),
        answers(turn, watch),
        pod.strain()
            .filter(strain -> strain.tells(watch, turn.nanos()))
            .map(Strain::pressed)
            .orElse(Map.of()));
  }

  /**
   * The pod's own window ends no later than its peers': pods are scraped at different moments, and
   * what breaks for all at once must not look as if it had broken for one.
   */
  private Window own(Turn turn, Member member, Watch watch) {
    long end =
        usablePeers(turn, member, watch)
            .mapToLong(peer -> turn.pod(peer.pod()).latest().orElseThrow().arrived())
            .min()
            .orElse(Long.MAX_VALUE);
    return window(turn, member, watch, end);
  }

  /** All warm peers together; one without usable counters is left out, all of them is missing. */
  private Window peers(Turn turn, Member member, Watch watch) {
    boolean nobodyElseIsWarm = others(turn, member).findAny().isEmpty();
    return usablePeers(turn, member, watch)
        .map(peer -> (Window.Seen) window(turn, peer, watch, Long.MAX_VALUE))
        .reduce(Window.Seen::plus)
        .<Window>map(sum -> sum)
        .orElseGet(
            () ->
                nobodyElseIsWarm
                    ? Window.Seen.NOTHING
                    : new Window.Missing("no counters of its warm peers in this window"));
  }

  private Stream<Member> usablePeers(Turn turn, Member member, Watch watch) {
    return others(turn, member)
        .filter(peer -> window(turn, peer, watch, Long.MAX_VALUE) instanceof Window.Seen);
  }

  private static Stream<Member> others(Turn turn, Member member) {
    return turn.state().warm().stream().filter(peer -> !peer.pod().equals(member.pod()));
  }

  private Window window(Turn turn, Member of, Watch watch, long end) {
    PodLive pod = turn.pod(of.pod());
    Sample base = watch.base().get(of.pod());
    if (!pod.trouble().isEmpty()) {
      return new Window.Missing(pod.trouble());
    } else if (base == null || pod.latest().isEmpty() || !of.is(base.start())) {
      return new Window.Missing("no counters since its rung was applied");
    } else if (turn.nanos() - pod.latest().get().arrived() > samples.freshNanos()) {
      return new Window.Missing("its counters are stale");
    }
    Sample last =
        pod.recent().stream().filter(sample -> sample.arrived() <= end).findFirst().orElse(base);
    return Window.between(
        base.counters(), last.arrived() < base.arrived() ? base.counters() : last.counters());
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
}
