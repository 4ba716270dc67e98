package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Instant;
import java.util.ArrayList;
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

  Turn(Workload state, Live live, Moment now) {
    this.state = state;
    this.now = now;
    this.live = live;
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

  List<Member> members() {
    return List.copyOf(state.members().values());
  }

  void decide(WorkloadEvent event) {
    events.add(event);
    state = state.apply(event);
    live = Aftermath.of(live, state, event);
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
    Live next = live.asOf(Math.max(live.asOf(), now.nanos()));
    for (Member member : state.members().values()) {
      PodLive pod = live.pod(member.pod());
      if (member.stage() instanceof Stage.Climbing
          && pod.climbedNanos().isPresent()
          && !state.frozen(member)) {
        next =
            next.with(
                member.pod(), known -> known.climbed(pod.climbedNanos().getAsLong() + passed));
      }
    }
    live = next;
  }
}
