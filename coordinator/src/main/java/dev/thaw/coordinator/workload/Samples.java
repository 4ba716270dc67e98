package dev.thaw.coordinator.workload;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Counters;
import dev.thaw.persistence.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Takes in what was counted and what was answered. */
final class Samples {

  /** After how many intervals without news a sample is stale. */
  private static final int STALE_INTERVALS = 3;

  /** How many samples of each pod are kept in any case: as far back as one may be old. */
  private static final int RECENT = STALE_INTERVALS + 1;

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
    PodLive pod = turn.pod(sampled.pod());
    if (pod.latest().filter(last -> last.atNanos() > sample.atNanos()).isPresent()) {
      return;
    }
    List<Sample> kept = kept(turn, pod, sample);
    turn.learn(sampled.pod(), known -> known.sampled(kept));
    pod.watch()
        .filter(watch -> watch.base().isEmpty() && !ours(pod, sample))
        .ifPresent(
            watch -> turn.learn(sampled.pod(), known -> known.watching(watch.based(sample))));
  }

  /**
   * A sample before those that are known. Of these the newest stay, and of older ones those with
   * which somebody's watch begins.
   */
  private List<Sample> kept(Turn turn, PodLive of, Sample sample) {
    var all = new ArrayList<Sample>(of.recent().size() + 1);
    all.add(sample);
    all.addAll(of.recent());
    if (all.size() <= RECENT) {
      return all;
    }
    Set<Sample> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    kept.addAll(all.subList(0, RECENT));
    for (PodLive pod : turn.live().pods().values()) {
      pod.watch().flatMap(watch -> base(of, all, watch)).ifPresent(kept::add);
    }
    all.removeIf(each -> !kept.contains(each));
    return all;
  }

  /** Asked before our own warm-up requests were over: what it counts is not users' evidence. */
  private static boolean ours(PodLive pod, Sample sample) {
    return pod.heard()
        .map(Heard::warmupEnded)
        .filter(ended -> ended.isPresent() && sample.atNanos() < ended.getAsLong())
        .isPresent();
  }

  /** The counters with which a watch of this pod that opens now begins. */
  Optional<Sample> atHand(Turn turn, PodLive pod) {
    return pod.latest()
        .filter(sample -> turn.nanos() - sample.arrived() <= freshNanos() && !ours(pod, sample));
  }

  /** The counters with which a peer's part in a watch begins. */
  Optional<Sample> base(PodLive peer, Watch watch) {
    return base(peer, peer.recent(), watch);
  }

  /**
   * The last that was at hand when the watch was opened, else the first that came later; but none
   * much older than the watched pod's own. Were a peer's window longer, trouble that begins for all
   * at once would weigh less with those who are watched longer.
   */
  private Optional<Sample> base(PodLive peer, List<Sample> newestFirst, Watch watch) {
    Sample base = null;
    for (Sample sample : newestFirst) {
      if (sample.arrived() < together(watch.begun())) {
        break;
      }
      base = ours(peer, sample) ? base : sample;
      if (sample.arrived() <= watch.since()) {
        break;
      }
    }
    return Optional.ofNullable(base);
  }

  /** A peer's counters beside a sample of the watched pod: the first that came with it or later. */
  Optional<Sample> beside(PodLive peer, Sample own) {
    Sample first = null;
    for (Sample sample : peer.recent()) {
      if (sample.arrived() < together(own.arrived())) {
        break;
      }
      first = sample;
    }
    return Optional.ofNullable(first);
  }

  /** Pods are not scraped at the same moment: half an interval earlier is as good as together. */
  private long together(long arrived) {
    return arrived - interval.toNanos() / 2;
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
