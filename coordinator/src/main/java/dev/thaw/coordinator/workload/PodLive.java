package dev.thaw.coordinator.workload;

import dev.thaw.coordinator.gate.Probing;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of one pod and not stored.
 *
 * @param heard empty until its actor has told its facts
 * @param latest the last scrape that could be used
 * @param trouble why the last scrape could not be used; empty when it could
 * @param climbedNanos monotonic time since its first rung was applied, without downtime and pauses;
 *     empty while it does not climb or nobody has acknowledged this writer's table
 * @param pauseUntil monotonic end of the pause after a breach
 * @param watch empty while its rung is not known to be applied
 * @param missing how many complete lists in a row have lacked it
 */
public record PodLive(
    Optional<Heard> heard,
    Optional<Sample> latest,
    String trouble,
    Tally tally,
    OptionalLong climbedNanos,
    OptionalLong pauseUntil,
    Optional<Watch> watch,
    int missing) {

  static final PodLive UNKNOWN =
      new PodLive(
          Optional.empty(),
          Optional.empty(),
          "",
          Tally.NONE,
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          0);

  /** What its probe has said last. */
  public Probing probing() {
    return heard.map(Heard::probing).orElse(Probing.UNKNOWN);
  }

  PodLive heard(Heard now) {
    return new PodLive(
        Optional.of(now), latest, trouble, tally, climbedNanos, pauseUntil, watch, missing);
  }

  PodLive sampled(Sample sample) {
    return new PodLive(
        heard, Optional.of(sample), "", tally, climbedNanos, pauseUntil, watch, missing);
  }

  PodLive troubled(String why) {
    return new PodLive(heard, latest, why, tally, climbedNanos, pauseUntil, watch, missing);
  }

  PodLive tallied(Tally now) {
    return new PodLive(heard, latest, trouble, now, climbedNanos, pauseUntil, watch, missing);
  }

  PodLive climbed(long nanos) {
    return new PodLive(
        heard, latest, trouble, tally, OptionalLong.of(nanos), pauseUntil, watch, missing);
  }

  PodLive pausing(long until) {
    return new PodLive(
        heard, latest, trouble, tally, climbedNanos, OptionalLong.of(until), watch, missing);
  }

  PodLive watching(Watch now) {
    return new PodLive(
        heard, latest, trouble, tally, climbedNanos, pauseUntil, Optional.of(now), missing);
  }

  PodLive missing(int lists) {
    return new PodLive(heard, latest, trouble, tally, climbedNanos, pauseUntil, watch, lists);
  }

  /** Another rung: what was watched and waited for is void, the climb goes on. */
  PodLive onAnotherRung() {
    return new PodLive(
        heard,
        latest,
        trouble,
        tally,
        climbedNanos,
        OptionalLong.empty(),
        Optional.empty(),
        missing);
  }

  /** Off the ladder. */
  PodLive offTheLadder() {
    return new PodLive(
        heard,
        latest,
        trouble,
        tally,
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        missing);
  }

  /** Another process: counters and connections of the old one say nothing about it. */
  PodLive newStart(Heard start) {
    return new PodLive(
        Optional.of(start),
        Optional.empty(),
        "",
        tally,
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        missing);
  }
}
