package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that the scenes have found; scenes that were not played have found nothing.
 *
 * @param order in which the regimes of scene 1 were played
 * @param faulty by build, a and b
 * @param lagP99Ms how late all users were; NaN when there were none
 */
record Findings(
    List<Regime> order,
    Map<Regime, Analysis.Judged> births,
    Map<String, Map<Regime, Analysis.Hurt>> faulty,
    Optional<CrashScene.Found> crash,
    Optional<KeepAliveScene.Found> keepAlive,
    double lagP99Ms) {

  static final Findings NONE =
      new Findings(List.of(), Map.of(), Map.of(), Optional.empty(), Optional.empty(), Double.NaN);

  List<Gate> gates() {
    return Gate.of(Policies.ladder(), Policies.shipped(), births.values());
  }

  Verdict verdict() {
    Verdict verdict = Verdict.HELD;
    if (!order.isEmpty()) {
      verdict = verdict.and(Claims.births(births));
    }
    if (!faulty.isEmpty()) {
      verdict = verdict.and(Claims.faulty(faulty));
    }
    verdict = verdict.and(crash.map(Claims::crash).orElse(Verdict.HELD));
    return verdict.and(keepAlive.map(Claims::keepAlive).orElse(Verdict.HELD));
  }
}
