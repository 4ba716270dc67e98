package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the demo claims, and whether it holds. Pure. */
final class Claims {
  private static final double RATIO = 0.10;
  private static final int RECOVERY_BOUND_MS = 10_000;

  private Claims() {}

  /** Of births: a tenth of the tail, no more errors, nobody else worse off. */
  static Verdict births(Map<Regime, Analysis.Judged> regimes) {
    Analysis.Judged listen = regimes.get(Regime.LISTEN);
    Analysis.Judged thaw = regimes.get(Regime.THAW);
    if (listen == null || thaw == null) {
      return new Verdict(List.of(), List.of("scene 1 was not run whole"));
    }
    var failed = new ArrayList<String>();
    List<String> open =
        regimes.values().stream().flatMap(each -> each.provesNothing().stream()).toList();
    if (listen.provesNothing().isEmpty() && thaw.provesNothing().isEmpty()) {
      double ratio = thaw.first15s().p95() / listen.first15s().p95();
      if (!(ratio <= RATIO)) {
        failed.add(
            "P95 of the newborn's first 15 s is %.3f of the listen regime's (claimed: %.2f)"
                .formatted(ratio, RATIO));
      }
    }
    if (thaw.first15s().errorRatio() > thaw.warm30s().errorRatio()) {
      failed.add("the newborn under Thaw gave more errors than its warm peers");
    }
    double best =
        regimes.values().stream()
            .filter(each -> each != thaw && !Analysis.late(each.lagP99Ms()))
            .mapToDouble(each -> each.service30s().p95())
            .min()
            .orElse(Double.NaN);
    if (!Analysis.late(thaw.lagP99Ms()) && thaw.service30s().p95() > 1.1 * best + 1) {
      failed.add(
          "the service's P95 under Thaw is %.1f ms, the best other regime's %.1f ms (claimed: not worse)"
              .formatted(thaw.service30s().p95(), best));
    }
    return new Verdict(failed, open);
  }

  /**
   * (a) is caught by warm-up requests, and without them at 5 % at the latest; (b) at 20 % at the
   * latest in both.
   */
  static Verdict faulty(Map<String, Map<Regime, Analysis.Hurt>> builds) {
    var failed = new ArrayList<String>();
    var open = new ArrayList<String>();
    check(builds, "a", Regime.THAW, 0, failed);
    check(builds, "a", Regime.THAW_NO_WARMUP, 5, failed);
    check(builds, "b", Regime.THAW, 20, failed);
    check(builds, "b", Regime.THAW_NO_WARMUP, 20, failed);
    builds.forEach(
        (build, regimes) ->
            regimes.forEach(
                (regime, hurt) -> {
                  if (hurt.late()) {
                    open.add(
                        "build %s, %s: the users were late, lag P99 is %.1f ms (bound: %.0f)"
                            .formatted(
                                build, regime.key(), hurt.lagP99Ms(), Analysis.LAG_BOUND_MS));
                  }
                }));
    return new Verdict(failed, open);
  }

  private static void check(
      Map<String, Map<Regime, Analysis.Hurt>> builds,
      String build,
      Regime regime,
      int atMost,
      List<String> failed) {
    Analysis.Hurt hurt = builds.getOrDefault(build, Map.of()).get(regime);
    if (hurt == null) {
      failed.add("build %s was not played under %s".formatted(build, regime.key()));
      return;
    }
    Birth birth = hurt.birth();
    if (!birth.caught()) {
      failed.add("build %s was not caught under %s".formatted(build, regime.key()));
    } else if (birth.highestWeight() > atMost) {
      failed.add(
          "build %s got %d %% under %s (claimed: at most %d %%)"
              .formatted(build, birth.highestWeight(), regime.key(), atMost));
    }
  }

  /** Traffic goes on with the weights it had, the dead get none, the ladder goes on. */
  static Verdict crash(CrashScene.Found crash) {
    if (crash.requestsWhileDown() == 0) {
      return new Verdict(List.of(), List.of("no user came while Thaw was down"));
    }
    var failed = new ArrayList<String>();
    if (crash.failedOtherwise() > 0) {
      failed.add(
          crash.failedOtherwise()
              + " requests failed while Thaw was down, and not in flight to the killed replica");
    }
    if (crash.weightChangesWhileDown() != 0) {
      failed.add(crash.weightChangesWhileDown() + " weights changed while Thaw was down");
    }
    if (crash.connectsToDeadReplica() != 0) {
      failed.add(crash.connectsToDeadReplica() + " connections went to a dead replica");
    }
    if (crash.recoveredRung().isEmpty() || crash.recoveredRung().getAsInt() != crash.rungBefore()) {
      failed.add(
          "the ladder went on at rung %s (it was at %d)"
              .formatted(
                  crash.recoveredRung().isPresent() ? crash.recoveredRung().getAsInt() : "none",
                  crash.rungBefore()));
    }
    if (crash.recoveryMs().isEmpty() || crash.recoveryMs().getAsDouble() > RECOVERY_BOUND_MS) {
      failed.add(
          "recovery took %s ms (claimed: %d)"
              .formatted(Figures.text(crash.recoveryMs().orElse(Double.NaN)), RECOVERY_BOUND_MS));
    }
    return new Verdict(failed, List.of());
  }

  /** Of clients that keep their connections only this: nobody is cut off. */
  static Verdict keepAlive(KeepAliveScene.Found kept) {
    if (kept.requests() == 0 || kept.freshRequests() == 0) {
      return new Verdict(List.of(), List.of("no user came while connections were kept"));
    }
    if (kept.errors() > 0) {
      return new Verdict(
          List.of(kept.errors() + " requests failed on connections that were kept"), List.of());
    } else if (!kept.http2()) {
      return new Verdict(List.of(), List.of("the clients did not speak HTTP/2"));
    }
    return Verdict.HELD;
  }
}
