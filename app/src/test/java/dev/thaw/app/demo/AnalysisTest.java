package dev.thaw.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.thaw.app.demo.Birth.Regime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class AnalysisTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long EXEC = 100 * SECOND;

  private static Birth birth(Regime regime, double coldMs, List<String> rolledBack, String held) {
    return new Birth(
        regime,
        3,
        EXEC,
        Map.of("listen", 30.0),
        List.of(new Birth.RungAt(500, 100, "OperatorCommand")),
        rolledBack,
        held,
        OptionalDouble.of(coldMs));
  }

  /** Forty a second on the newborn from a second after exec, eighty on the others. */
  private static List<Request> traffic(double newbornMs, int failEvery) {
    var requests = new ArrayList<Request>();
    for (int i = 0; i < 30 * 120; i++) {
      boolean own = i % 3 == 0 && i >= 120;
      boolean fails = own && failEvery > 0 && i % failEvery == 0;
      requests.add(
          new Request(
              EXEC + i * SECOND / 120, 0, own ? newbornMs : 4, fails ? 500 : 200, own ? 3 : i % 3));
    }
    return requests;
  }

  private static Analysis.Judged judged(Regime regime, double newbornMs, int failEvery) {
    return Analysis.judge(birth(regime, 2_000, List.of(), ""), traffic(newbornMs, failEvery));
  }

  private static Map<Regime, Analysis.Judged> all(Analysis.Judged thaw) {
    var regimes = new EnumMap<Regime, Analysis.Judged>(Regime.class);
    regimes.put(Regime.LISTEN, judged(Regime.LISTEN, 2_000, 0));
    regimes.put(Regime.READINESS_PROBE, judged(Regime.READINESS_PROBE, 1_500, 0));
    regimes.put(Regime.THAW_NO_WARMUP, judged(Regime.THAW_NO_WARMUP, 50, 0));
    regimes.put(Regime.THAW, thaw);
    return regimes;
  }

  @Test
  void theThreeViewsCountFromTheFirstUserAndFromExec() {
    Analysis.Judged one = judged(Regime.THAW, 10, 0);
    assertThat(one.first15s().requests()).isEqualTo(15 * 40);
    assertThat(one.first250().requests()).isEqualTo(250);
    assertThat(one.service30s().requests()).isEqualTo(30 * 120);
    assertThat((double) one.toMap().get("first_request_ms")).isCloseTo(1_000, within(10.0));
    assertThat(one.warm30s().p95()).isEqualTo(4);
  }

  @Test
  void aTenthOfTheListenRegimesTailHolds() {
    assertThat(Analysis.births(all(judged(Regime.THAW, 10, 0))).word()).isEqualTo("held");
  }

  @Test
  void aNewbornThatIsSlowerThanThatFails() {
    assertThat(Analysis.births(all(judged(Regime.THAW, 900, 0))).failed()).isNotEmpty();
  }

  @Test
  void moreErrorsThanWarmPeersGiveFail() {
    assertThat(Analysis.births(all(judged(Regime.THAW, 10, 30))).failed())
        .anyMatch(line -> line.contains("errors"));
  }

  @Test
  void aColdWindowThatIsTooShortDecidesNothing() {
    Map<Regime, Analysis.Judged> regimes = all(judged(Regime.THAW, 10, 0));
    regimes.put(
        Regime.LISTEN, Analysis.judge(birth(Regime.LISTEN, 900, List.of(), ""), traffic(2_000, 0)));
    Analysis.Verdict verdict = Analysis.births(regimes);
    assertThat(verdict.word()).isEqualTo("inconclusive");
    assertThat(verdict.exitCode()).isEqualTo(3);
  }

  @Test
  void whoCaughtAFaultyBuildIsSaid() {
    assertThat(Analysis.faulty(birth(Regime.THAW, 0, List.of(), "WarmupFailed"), traffic(10, 0)))
        .containsEntry("caught_by", "warm-up")
        .containsEntry("rolled_back", true);
    assertThat(Analysis.faulty(birth(Regime.THAW, 0, List.of("Slow"), ""), traffic(400, 0)))
        .containsEntry("caught_by", "Slow at 100 %")
        .hasEntrySatisfying("user_slow", slow -> assertThat((long) slow).isGreaterThan(100));
    assertThat(Analysis.faulty(birth(Regime.LISTEN, 0, List.of(), ""), traffic(10, 0)))
        .containsEntry("rolled_back", false);
  }

  @Test
  void aLineThatIsStillBeingWrittenIsLeftOut() {
    assertThat(Request.parse("12,1000,5")).isNull();
    assertThat(Request.parse("12,1000,5,7000,200,3,9,"))
        .isEqualTo(new Request(1000, 0.005, 7.0, 200, 3));
  }

  @Test
  void percentilesAreNearestRanks() {
    assertThat(Figures.rank(new double[] {1, 2, 3, 4}, 0.5)).isEqualTo(2);
    assertThat(Figures.rank(new double[] {1, 2, 3, 4}, 0.95)).isEqualTo(4);
    assertThat(Figures.rank(new double[] {}, 0.95)).isNaN();
  }
}
