package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** A run that never was: births and requests with known figures. */
final class Synthetic {
  static final long SECOND = 1_000_000_000L;
  static final long EXEC = 100 * SECOND;

  private Synthetic() {}

  static Birth birth(Regime regime, double coldMs, List<Birth.Back> back, String held) {
    return new Birth(
        regime,
        3,
        EXEC,
        Map.of("listen", 30.0),
        List.of(
            new Birth.RungAt(500, 20, "GatePassed"), new Birth.RungAt(3_500, 100, "GatePassed")),
        back,
        held,
        OptionalDouble.of(coldMs));
  }

  /** Forty a second on the newborn from a second after exec, eighty on the others. */
  static List<Request> traffic(double newbornMs, int failEvery, double lagMs) {
    var requests = new ArrayList<Request>();
    for (int i = 0; i < 30 * 120; i++) {
      boolean own = i % 3 == 0 && i >= 120;
      boolean fails = own && failEvery > 0 && i % failEvery == 0;
      requests.add(
          new Request(
              EXEC + i * SECOND / 120,
              lagMs,
              own ? newbornMs : 4,
              fails ? 500 : 200,
              own ? 3 : i % 3,
              1,
              ""));
    }
    return requests;
  }

  static Analysis.Judged judged(Regime regime, double newbornMs, int failEvery) {
    return Analysis.judge(birth(regime, 2_000, List.of(), ""), traffic(newbornMs, failEvery, 0.1));
  }

  static Map<Regime, Analysis.Judged> births(Analysis.Judged thaw) {
    var regimes = new EnumMap<Regime, Analysis.Judged>(Regime.class);
    regimes.put(Regime.LISTEN, judged(Regime.LISTEN, 2_000, 0));
    regimes.put(Regime.READINESS_PROBE, judged(Regime.READINESS_PROBE, 1_500, 0));
    regimes.put(Regime.THAW_NO_WARMUP, judged(Regime.THAW_NO_WARMUP, 50, 0));
    regimes.put(Regime.THAW, thaw);
    return regimes;
  }

  static Map<Regime, Analysis.Hurt> faulty() {
    var regimes = new EnumMap<Regime, Analysis.Hurt>(Regime.class);
    for (Regime regime : Regime.values()) {
      List<Birth.Back> back =
          regime.promoted() ? List.of() : List.of(new Birth.Back(20, "Slow: 8 of 8"));
      regimes.put(regime, Analysis.hurt(birth(regime, 2_000, back, ""), traffic(400, 0, 0.1)));
    }
    return regimes;
  }

  /** Everything was played and all of it held but for build b's 100 %. */
  static Findings whole() {
    return new Findings(
        List.of(Regime.values()),
        births(judged(Regime.THAW, 10, 0)),
        Map.of("a", faulty(), "b", faulty()),
        Optional.of(
            new CrashScene.Found(
                0,
                0,
                720,
                List.of(new Casualty(-2, 1, 0, "EOF", true)),
                3,
                OptionalInt.of(3),
                OptionalDouble.of(6_400))),
        Optional.of(new KeepAliveScene.Found(8, 200, true, 0, 600, 150, 0)),
        0.4);
  }
}
