package dev.thaw.coordinator.workload;

import dev.thaw.coordinator.gate.Probing;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of one pod and not stored.
 *
 * @param heard empty until its actor has told its facts
 * @param recent scrapes of its start that could be used, newest first: the last few, and older ones
 *     with which somebody's watch begins
 * @param trouble why the last scrape could not be used; empty when it could
 * @param climbedNanos monotonic time since its first rung was applied, without downtime and pauses;
 *     empty while it does not climb or nobody has acknowledged this writer's table
 * @param pauseUntil monotonic end of the pause after a breach
 * @param watch empty while its rung is not known to be applied
 * @param missing how many complete lists in a row have lacked it
 * @param strain the pressure on its control group; empty while its node has told none
 */
public record PodLive(
    Optional<Heard> heard,
    List<Sample> recent,
    String trouble,
    Tally tally,
    OptionalLong climbedNanos,
    OptionalLong pauseUntil,
    Optional<Watch> watch,
    int missing,
    Optional<Strain> strain) {

  static final PodLive UNKNOWN =
      new PodLive(
          Optional.empty(),
          List.of(),
          "",
          Tally.NONE,
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          0,
          Optional.empty());

  public PodLive {
    recent = List.copyOf(recent);
  }

  /** The last scrape that could be used. */
  public Optional<Sample> latest() {
    return recent.stream().findFirst();
  }

  /** What its probe has said last. */
  public Probing probing() {
    return heard.map(Heard::probing).orElse(Probing.UNKNOWN);
  }

  PodLive heard(Heard now) {
    return new PodLive(
        Optional.of(now), recent, trouble, tally, climbedNanos, pauseUntil, watch, missing, strain);
  }

  PodLive sampled(List<Sample> samples) {
    return new PodLive(heard, samples, "", tally, climbedNanos, pauseUntil, watch, missing, strain);
  }

  PodLive troubled(String why) {
    return new PodLive(heard, recent, why, tally, climbedNanos, pauseUntil, watch, missing, strain);
  }

  PodLive tallied(Tally now) {
    return new PodLive(
        heard, recent, trouble, now, climbedNanos, pauseUntil, watch, missing, strain);
  }

  PodLive climbed(long nanos) {
    return new PodLive(
        heard, recent, trouble, tally, OptionalLong.of(nanos), pauseUntil, watch, missing, strain);
  }

  PodLive pausing(long until) {
    return new PodLive(
        heard,
        recent,
        trouble,
        tally,
        climbedNanos,
        OptionalLong.of(until),
        watch,
        missing,
        strain);
  }

  PodLive watching(Watch now) {
    return new PodLive(
        heard, recent, trouble, tally, climbedNanos, pauseUntil, Optional.of(now), missing, strain);
  }

  PodLive missing(int lists) {
    return new PodLive(
        heard, recent, trouble, tally, climbedNanos, pauseUntil, watch, lists, strain);
  }

  PodLive strained(Strain now) {
    return new PodLive(
        heard, recent, trouble, tally, climbedNanos, pauseUntil, watch, missing, Optional.of(now));
  }

  /** Another rung: what was watched and waited for is void, the climb goes on. */
  PodLive onAnotherRung() {
    return new PodLive(
        heard,
        recent,
        trouble,
        tally,
        climbedNanos,
        OptionalLong.empty(),
        Optional.empty(),
        missing,
        strain);
  }

  /** Off the ladder. */
  PodLive offTheLadder() {
    return new PodLive(
        heard,
        recent,
        trouble,
        tally,
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        missing,
        strain);
  }

  /** Another process: counters and connections of the old one say nothing about it. */
  PodLive newStart(Heard start) {
    return new PodLive(
        Optional.of(start),
        List.of(),
        "",
        tally,
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        missing,
        Optional.empty());
  }
}
