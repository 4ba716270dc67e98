package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.Member;
import java.util.HashMap;
import java.util.Map;

/** Takes in what was counted and what was answered. */
final class Samples {

  void sampled(Turn turn, Input.Sampled sampled) {
    Member member = turn.state().member(sampled.pod()).orElse(null);
    if (member == null || !member.is(sampled.start())) {
      return;
    }
    if (sampled.counters().isEmpty()) {
      turn.learn(sampled.pod(), pod -> pod.troubled(sampled.trouble()));
      return;
    }
    var sample =
        new Sample(sampled.start(), turn.nanos(), sampled.atNanos(), sampled.counters().get());
    boolean older =
        turn.pod(sampled.pod())
            .latest()
            .filter(last -> last.atNanos() > sample.atNanos())
            .isPresent();
    if (!older) {
      turn.learn(sampled.pod(), pod -> pod.sampled(sample));
      beginWindows(turn, sampled.pod(), sample);
    }
  }

  /** Each open watch that has nothing of this start yet counts from here on. */
  private static void beginWindows(Turn turn, PodUid of, Sample sample) {
    if (ours(turn.pod(of), sample)) {
      return;
    }
    for (Member member : turn.members()) {
      turn.pod(member.pod())
          .watch()
          .filter(watch -> !begun(watch, of, sample))
          .ifPresent(
              watch -> turn.learn(member.pod(), pod -> pod.watching(watch.based(of, sample))));
    }
  }

  private static boolean begun(Watch watch, PodUid of, Sample sample) {
    Sample base = watch.base().get(of);
    return base != null && base.start().equals(sample.start());
  }

  /** Asked before our own warm-up requests were over: what it counts is not users' evidence. */
  private static boolean ours(PodLive pod, Sample sample) {
    return pod.heard()
        .map(Heard::warmupEnded)
        .filter(ended -> ended.isPresent() && sample.atNanos() < ended.getAsLong())
        .isPresent();
  }

  /** The counters with which a watch that opens now begins. */
  static Map<PodUid, Sample> atHand(Turn turn, long freshNanos) {
    var base = new HashMap<PodUid, Sample>();
    for (Member member : turn.members()) {
      PodLive pod = turn.pod(member.pod());
      pod.latest()
          .filter(sample -> turn.nanos() - sample.arrived() <= freshNanos && !ours(pod, sample))
          .ifPresent(sample -> base.put(member.pod(), sample));
    }
    return base;
  }

  void counted(Turn turn, Input.PicksCounted counted) {
    if (counted.version() != turn.state().version()) {
      return;
    }
    for (Input.Picks picks : counted.slots()) {
      turn.members().stream()
          .filter(member -> member.slot() == picks.slot())
          .forEach(
              member ->
                  turn.learn(
                      member.pod(),
                      pod ->
                          pod.tallied(
                              pod.tally()
                                  .counted(counted.version(), picks.picks(), picks.failures()))));
    }
  }

  void answered(Turn turn, Input.QueryAnswered answered) {
    Effect.Query query = answered.query();
    boolean present =
        turn.state().member(query.pod()).filter(member -> member.is(query.start())).isPresent();
    if (present) {
      turn.pod(query.pod())
          .watch()
          .filter(watch -> watch.rung() == query.rung())
          .ifPresent(
              watch ->
                  turn.learn(
                      query.pod(),
                      pod ->
                          pod.watching(
                              watch.answered(query.promql(), answered.answer(), turn.nanos()))));
    }
  }
}
