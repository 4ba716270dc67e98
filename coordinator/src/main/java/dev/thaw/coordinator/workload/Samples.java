package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Counters;
import dev.thaw.persistence.Member;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Takes in what was counted and what was answered. */
final class Samples {

  /** After how many intervals without news a sample is stale. */
  private static final int STALE_INTERVALS = 3;

  private final Duration interval;

  Samples(WarmupPolicy policy) {
    this.interval =
        policy
            .metrics()
            .flatMap(WarmupPolicy.Metrics::scrape)
            .map(WarmupPolicy.Scrape::interval)
            .orElse(policy.birth().gateDefaults().interval());
  }

  void sampled(Turn turn, Input.Sampled sampled) {
    Member member = turn.state().member(sampled.pod()).orElse(null);
    if (member == null || !member.is(sampled.start())) {
      return;
    }
    if (sampled.counters().filter(Counters::believable).isEmpty()) {
      String trouble =
          sampled.counters().isPresent() ? "its counters make no sense" : sampled.trouble();
      turn.learn(sampled.pod(), pod -> pod.troubled(trouble));
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
  private void beginWindows(Turn turn, PodUid of, Sample sample) {
    if (ours(turn.pod(of), sample)) {
      return;
    }
    turn.learn(
        live ->
            live.withEach(
                (watched, pod) ->
                    pod.watch()
                        .filter(watch -> !begun(watch, of, sample))
                        .map(watch -> watch.based(of, sample))
                        .map(
                            watch ->
                                of.equals(watched) ? watch.from(aligned(watch.base(), of)) : watch)
                        .map(pod::watching)
                        .orElse(pod)));
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

  /** The counters with which a pod's watch that opens now begins. */
  Map<PodUid, Sample> atHand(Turn turn, PodUid watched) {
    var base = new HashMap<PodUid, Sample>();
    for (Member member : turn.members()) {
      PodLive pod = turn.pod(member.pod());
      pod.latest()
          .filter(sample -> turn.nanos() - sample.arrived() <= freshNanos() && !ours(pod, sample))
          .ifPresent(sample -> base.put(member.pod(), sample));
    }
    return aligned(base, watched);
  }

  /**
   * A peer whose window would begin much earlier waits for its next sample: else trouble that
   * begins for all at once would weigh less with those who are watched longer.
   */
  private Map<PodUid, Sample> aligned(Map<PodUid, Sample> base, PodUid watched) {
    Sample own = base.get(watched);
    if (own == null) {
      return base;
    }
    var aligned = new HashMap<>(base);
    aligned.values().removeIf(sample -> own.arrived() - sample.arrived() > interval.toNanos() / 2);
    return aligned;
  }

  /** How old a sample may be, in nanoseconds. */
  long freshNanos() {
    return STALE_INTERVALS * interval.toNanos();
  }

  void strained(Turn turn, Input.Strained strained) {
    Member member = turn.state().member(strained.pod()).orElse(null);
    if (member == null || !member.is(strained.start())) {
      return;
    }
    var totals =
        new Strain.Totals(
            turn.nanos(),
            strained.atNanos(),
            STALE_INTERVALS * strained.intervalNanos(),
            strained.totals());
    turn.learn(
        strained.pod(),
        pod ->
            pod.strained(
                pod.strain()
                    .map(strain -> strain.next(totals, pod.watch()))
                    .orElseGet(() -> Strain.first(totals, pod.watch()))));
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
