package dev.thaw.node;

import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pod that is tracked, and what is under way with its present start: at most one of each. Belongs
 * to {@link Probes}.
 */
final class ProbedPod {
  final TrackPod plan;
  final ProbeSpec spec;
  final Warming warming;
  @Nullable StartRef start;
  @Nullable PodProber prober;
  @Nullable Scraping scraping;
  Streak streak = Streak.NONE;
  boolean wantsScrape;

  /** Whether the present start's own listener is open. */
  boolean listens;

  private SetProbing.Phase phase = SetProbing.Phase.CONFIRMING;
  private @Nullable StartRef startOfPhase;
  private int pid;
  private @Nullable StartRef startOfPid;

  ProbedPod(TrackPod plan) {
    this.plan = plan;
    this.spec = new ProbeSpec(plan);
    this.warming = new Warming(plan, spec);
  }

  void runs(StartRef running, int as) {
    startOfPid = running;
    pid = as;
  }

  /** The process of this start, where it is known. */
  Optional<Integer> pid(StartRef of) {
    return of.equals(startOfPid) ? Optional.of(pid) : Optional.empty();
  }

  /** How this start is to be probed, whether it listens already or not. */
  void wants(StartRef of, SetProbing.Phase now) {
    startOfPhase = of;
    phase = now;
  }

  SetProbing.Phase phase(StartRef of) {
    return of.equals(startOfPhase) ? phase : SetProbing.Phase.CONFIRMING;
  }

  /** Past its warm-up, which another Thaw has seen to, and with it a pool that has ended. */
  boolean isWarmWithoutPool() {
    StartRef present = start;
    return present != null
        && (phase(present) == SetProbing.Phase.CLIMBING || phase(present) == SetProbing.Phase.READY)
        && warming.lacksPool();
  }

  boolean is(StartRef other) {
    return other.equals(start);
  }

  /** Ends whatever is under way. */
  void quiet() {
    if (prober != null) {
      prober.stop();
      prober = null;
    }
    warming.end();
    if (scraping != null) {
      scraping.close();
      scraping = null;
    }
    start = null;
    streak = Streak.NONE;
  }

  /** Whether a probe's end is told: all while it proves itself, later changes and failures. */
  boolean isNews(ProbeOutcome outcome) {
    Streak before = streak;
    streak = before.after(outcome);
    StartRef present = start;
    return present != null && phase(present) == SetProbing.Phase.CONFIRMING
        || before.failures() > 0
        || streak.failures() > 0
        || streak.successes() == 1
        || !outcome.isSuccess();
  }
}
