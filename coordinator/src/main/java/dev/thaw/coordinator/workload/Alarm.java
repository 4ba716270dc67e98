package dev.thaw.coordinator.workload;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Workload;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** The one timer of a workload. */
final class Alarm {

  private Alarm() {}

  static OptionalLong at(WarmupPolicy policy, Workload state, Live live) {
    LongStream own =
        state.members().values().stream()
            .filter(member -> member.stage() instanceof Stage.Climbing)
            .filter(member -> !state.frozen(member))
            .flatMapToLong(member -> moments(policy, live, member));
    LongStream onPaper =
        live.shadow()
            .map(shadow -> at(policy, shadow.workload(), shadow.live()).stream())
            .orElse(LongStream.empty());
    return LongStream.concat(own, onPaper)
        .filter(moment -> moment > live.asOf()) // what was due has been decided or waits for a fact
        .min();
  }

  private static LongStream moments(WarmupPolicy policy, Live live, Member member) {
    PodLive pod = live.pod(member.pod());
    var moments = LongStream.builder();
    pod.pauseUntil().stream().forEach(moments);
    if (!live.planes().isEmpty()) {
      pod.watch().stream().mapToLong(Watch::nextVerdict).forEach(moments);
      pod.climbedNanos()
          .ifPresent(
              climbed -> {
                ahead(live, climbed, policy.birth().floor()).forEach(moments);
                policy
                    .birth()
                    .ceiling()
                    .ifPresent(ceiling -> ahead(live, climbed, ceiling).forEach(moments));
              });
    }
    return moments.build();
  }

  private static LongStream ahead(Live live, long climbedNanos, Duration bound) {
    long left = bound.toNanos() - climbedNanos;
    return left > 0 ? LongStream.of(live.asOf() + left) : LongStream.empty();
  }
}
