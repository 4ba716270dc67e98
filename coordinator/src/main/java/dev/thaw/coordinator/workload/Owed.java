package dev.thaw.coordinator.workload;

import dev.thaw.config.Mode;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.persistence.Birth;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Workload;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** What a state owes to planes, pods, nodes and Prometheus. */
final class Owed {
  private final WarmupPolicy policy;
  private final Rungs rungs;

  Owed(WarmupPolicy policy) {
    this.policy = policy;
    this.rungs = new Rungs(policy);
  }

  Set<Effect> effects(Workload state, Live live) {
    var owed = new LinkedHashSet<Effect>();
    if (state.version() > 0 && !live.planes().isEmpty() && !live.acknowledged(state)) {
      owed.add(new Effect.Publish(state.table()));
    }
    for (Member member : state.members().values()) {
      if (live.pod(member.pod()).heard().isEmpty()) {
        owed.add(new Effect.Ask(member.pod()));
      }
      member
          .stage()
          .born()
          .ifPresent(
              birth ->
                  owed.add(
                      new Effect.Assign(
                          member.pod(),
                          birth.start(),
                          phase(state, member.stage(), birth),
                          member.weight())));
    }
    evidence(state, live, owed);
    return owed;
  }

  /** What of a pod's facts decides what is owed. */
  private record Debt(boolean heard, int rung, long round) {
    static Optional<Debt> of(PodLive pod) {
      return Optional.of(
          new Debt(
              pod.heard().isPresent(),
              pod.watch().map(Watch::rung).orElse(0),
              pod.watch().map(Watch::round).orElse(0L)));
    }
  }

  /**
   * Whether the same is owed as before. Says no when it is not sure; much cheaper than to look at
   * all that is owed, which after most scrapes is what it was.
   */
  static boolean same(Live before, Live after) {
    return after.shadow().isEmpty()
        && before.standing() == after.standing()
        && before.planes().equals(after.planes())
        && before.pods().sameBy(Debt::of, after.pods());
  }

  private void evidence(Workload state, Live live, Set<Effect> owed) {
    Workload judged = live.shadow().map(Live.Shadow::workload).orElse(state);
    Live known = live.shadow().map(Live.Shadow::live).orElse(live);
    if (policy.metrics().flatMap(WarmupPolicy.Metrics::scrape).isPresent()) {
      owed.add(new Effect.Scrape(scraped(judged)));
    }
    if (judged.mode() == Mode.RAMP) {
      judged.members().values().forEach(member -> queries(known, member, owed));
    }
  }

  private void queries(Live live, Member member, Set<Effect> owed) {
    live.pod(member.pod())
        .watch()
        .ifPresent(
            watch ->
                rungs
                    .queries(watch.rung())
                    .forEach(
                        gate ->
                            owed.add(
                                new Effect.Query(
                                    member.pod(),
                                    member.start().orElseThrow(),
                                    watch.rung(),
                                    gate.query(),
                                    watch.round()))));
  }

  /** Those about to climb and climbing, and while there are any, those they are compared with. */
  private static Set<PodUid> scraped(Workload state) {
    var pods = new LinkedHashSet<PodUid>();
    for (Member member : state.members().values()) {
      if (state.mode() == Mode.RAMP
          && (member.stage() instanceof Stage.Confirmed
              || member.stage() instanceof Stage.Climbing)) {
        pods.add(member.pod());
      }
    }
    if (!pods.isEmpty()) {
      state.warm().forEach(member -> pods.add(member.pod()));
    }
    return pods;
  }

  private Phase phase(Workload state, Stage stage, Birth birth) {
    if (stage instanceof Stage.Ended) {
      return Phase.ENDED;
    } else if (!birth.confirmed()) {
      return Phase.CONFIRMING;
    } else if ((stage instanceof Stage.Confirmed || stage instanceof Stage.Climbing)
        && stage.weight() == 0
        && !rungs.warmedUp(birth)
        && state.mode() != Mode.OBSERVE) {
      return Phase.WARMING;
    } else if (stage.weight() == 0) {
      return Phase.HELD;
    }
    return stage.weight() < Workload.FULL ? Phase.CLIMBING : Phase.FULL;
  }
}
