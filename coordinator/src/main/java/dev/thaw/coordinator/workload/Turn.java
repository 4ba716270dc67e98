package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The making of one decision: state and facts as they stand after what has been decided so far. It
 * lives within one call of the core and on one thread.
 */
final class Turn {
  private final Moment now;
  private final List<WorkloadEvent> events = new ArrayList<>();
  private Workload state;
  private Live live;

  /** Of the table's version that is beside it: found once for each, however many are judged. */
  private List<Member> warm;

  private long warmAt;

  Turn(Workload state, Live live, Moment now) {
    this.state = state;
    this.now = now;
    this.live = live;
    this.warm = state.warm();
    this.warmAt = state.version();
    climbOn();
  }

  Workload state() {
    return state;
  }

  Live live() {
    return live;
  }

  PodLive pod(PodUid pod) {
    return live.pod(pod);
  }

  long nanos() {
    return now.nanos();
  }

  Instant wall() {
    return now.wall();
  }

  List<WorkloadEvent> events() {
    return events;
  }

  /** As they are at this moment: what is decided afterwards does not change them. */
  Collection<Member> members() {
    return state.members().values();
  }

  /** Those that take their whole share. */
  List<Member> warm() {
    if (warmAt != state.version()) {
      warm = state.warm();
      warmAt = state.version();
    }
    return warm;
  }

  void decide(WorkloadEvent event) {
    events.add(event);
    live = Aftermath.of(live, state, event);
    state = state.apply(event);
  }

  void learn(UnaryOperator<Live> change) {
    live = change.apply(live);
  }

  void learn(PodUid pod, UnaryOperator<PodLive> change) {
    live = live.with(pod, change);
  }

  /** Time climbs with the clock, but not while frozen, and never backwards. */
  private void climbOn() {
    long passed = Math.max(0, now.nanos() - live.asOf());
    live = live.asOf(Math.max(live.asOf(), now.nanos()));
    if (passed > 0) {
      live = live.withEach((uid, pod) -> climbs(uid, pod) ? climbed(pod, passed) : pod);
    }
  }

  private boolean climbs(PodUid uid, PodLive pod) {
    return pod.climbedNanos().isPresent()
        && state
            .member(uid)
            .filter(member -> member.stage() instanceof Stage.Climbing && !state.frozen(member))
            .isPresent();
  }

  private static PodLive climbed(PodLive pod, long passed) {
    return pod.climbed(pod.climbedNanos().orElse(0) + passed);
  }
}
