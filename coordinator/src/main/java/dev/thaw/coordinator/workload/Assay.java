package dev.thaw.coordinator.workload;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Answer;
import dev.thaw.coordinator.gate.Evidence;
import dev.thaw.coordinator.gate.Judge;
import dev.thaw.coordinator.gate.Verdict;
import dev.thaw.coordinator.gate.Window;
import dev.thaw.persistence.Member;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    List<PodLive> others = others(turn, member);
    List<PodLive> peers = usable(turn, others, watch);
    Optional<Sample> last = last(pod, peers);
    return new Evidence(
        pod.probing(),
        policy.metrics().flatMap(WarmupPolicy.Metrics::scrape).isPresent(),
        own(turn, pod, watch, last),
        others.isEmpty() ? Window.Seen.NOTHING : together(peers, watch, last),
        pod.tally().failures() - watch.failuresBefore(),
        answers(turn, watch),
        pod.strain()
            .filter(strain -> strain.tells(watch, turn.nanos()))
            .map(Strain::pressed)
            .orElse(Map.of()));
  }

  private static List<PodLive> others(Turn turn, Member member) {
    return turn.warm().stream()
        .filter(other -> !other.pod().equals(member.pod()))
        .map(other -> turn.pod(other.pod()))
        .toList();
  }

  /** One without usable counters is left out. */
  private List<PodLive> usable(Turn turn, List<PodLive> others, Watch watch) {
    return others.stream()
        .filter(peer -> trouble(turn, peer).isEmpty())
        .filter(peer -> samples.base(peer, watch).isPresent())
        .toList();
  }

  /**
   * With what the pod's own window ends: no later than its peers', for pods are scraped at
   * different moments, and what breaks for all at once must not look as if it had broken for one.
   */
  private static Optional<Sample> last(PodLive pod, List<PodLive> peers) {
    long end =
        peers.stream()
            .mapToLong(peer -> peer.recent().get(0).arrived())
            .min()
            .orElse(Long.MAX_VALUE);
    return pod.recent().stream().filter(sample -> sample.arrived() <= end).findFirst();
  }

  private Window own(Turn turn, PodLive pod, Watch watch, Optional<Sample> last) {
    Optional<String> trouble = trouble(turn, pod);
    if (trouble.isPresent()) {
      return new Window.Missing(trouble.get());
    } else if (watch.base().isEmpty()) {
      return new Window.Missing("no counters since its rung was applied");
    }
    Sample from = watch.base().get();
    Sample to = last.filter(end -> end.arrived() >= from.arrived()).orElse(from);
    return Window.between(from.counters(), to.counters());
  }

  /**
   * All warm peers together, up to beside the pod's own last sample; a peer that has seen nothing
   * by then, up to its own last.
   */
  private Window together(List<PodLive> peers, Watch watch, Optional<Sample> last) {
    Window.Seen sum = null;
    for (PodLive peer : peers) {
      Sample from = samples.base(peer, watch).orElseThrow();
      Sample to =
          last.flatMap(own -> samples.beside(peer, own))
              .filter(beside -> beside.arrived() > from.arrived())
              .orElse(peer.recent().get(0));
      if (Window.between(from.counters(), to.counters()) instanceof Window.Seen seen) {
        sum = sum == null ? seen : sum.plus(seen);
      }
    }
    return sum == null ? new Window.Missing("no counters of its warm peers in this window") : sum;
  }

  /** Why a pod's counters say nothing now. */
  private Optional<String> trouble(Turn turn, PodLive pod) {
    if (!pod.trouble().isEmpty()) {
      return Optional.of(pod.trouble());
    } else if (pod.recent().isEmpty()) {
      return Optional.of("no counters since its rung was applied");
    } else if (turn.nanos() - pod.recent().get(0).arrived() > samples.freshNanos()) {
      return Optional.of("its counters are stale");
    }
    return Optional.empty();
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
