package dev.thaw.app.demo;

import static dev.thaw.app.demo.Synthetic.birth;
import static dev.thaw.app.demo.Synthetic.births;
import static dev.thaw.app.demo.Synthetic.judged;
import static dev.thaw.app.demo.Synthetic.traffic;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.demo.Birth.Regime;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ClaimsTest {
  @Test
  void aTenthOfTheListenRegimesTailHolds() {
    assertThat(Claims.births(births(judged(Regime.THAW, 10, 0))).word()).isEqualTo("held");
  }

  @Test
  void aNewbornThatIsSlowerThanThatFails() {
    assertThat(Claims.births(births(judged(Regime.THAW, 900, 0))).failed()).isNotEmpty();
  }

  @Test
  void moreErrorsThanWarmPeersGiveFail() {
    assertThat(Claims.births(births(judged(Regime.THAW, 10, 30))).failed())
        .anyMatch(line -> line.contains("errors"));
  }

  @Test
  void aColdWindowThatIsTooShortDecidesNothing() {
    Map<Regime, Analysis.Judged> regimes = births(judged(Regime.THAW, 10, 0));
    regimes.put(
        Regime.LISTEN,
        Analysis.judge(birth(Regime.LISTEN, 900, List.of(), ""), traffic(2_000, 0, 0.1)));

    Verdict verdict = Claims.births(regimes);

    assertThat(verdict.word()).isEqualTo("inconclusive");
    assertThat(verdict.exitCode()).isEqualTo(3);
  }

  @Test
  void aRegimeWhoseUsersStayedLateIsNamedAndLeavesTheVerdictOpen() {
    Map<Regime, Analysis.Judged> regimes = births(judged(Regime.THAW, 10, 0));
    regimes.put(
        Regime.READINESS_PROBE,
        Analysis.judge(birth(Regime.READINESS_PROBE, 2_000, List.of(), ""), traffic(1_500, 0, 7)));

    Verdict verdict = Claims.births(regimes);

    assertThat(verdict.word()).isEqualTo("inconclusive");
    assertThat(verdict.reasons()).singleElement().asString().startsWith("readiness_probe: ");
  }

  @Test
  void aBuildThatGetsMoreThanItsRungFailsTheDemo() {
    assertThat(Claims.faulty(Synthetic.whole().faulty()).failed())
        .contains("build a got 100 % under thaw (claimed: at most 0 %)");
  }

  @Test
  void aCrashMustChangeNoWeightAndLoseNoRung() {
    var held =
        new CrashScene.Found(
            0, 0, 700, List.of(casualty(true)), 3, OptionalInt.of(3), OptionalDouble.of(9_000));
    var bad =
        new CrashScene.Found(
            2, 1, 700, List.of(casualty(false)), 3, OptionalInt.of(1), OptionalDouble.of(10_001));

    assertThat(Claims.crash(held).word()).isEqualTo("held");
    assertThat(Claims.crash(bad).failed()).hasSize(5);
  }

  @Test
  void withoutUsersNothingIsClaimed() {
    var nobodyCame =
        new CrashScene.Found(0, 0, 0, List.of(), 3, OptionalInt.of(3), OptionalDouble.of(9_000));

    assertThat(Claims.crash(nobodyCame).word()).isEqualTo("inconclusive");
    assertThat(Claims.keepAlive(new KeepAliveScene.Found(8, 0, true, 0, 600, 150, 0)).word())
        .isEqualTo("inconclusive");
  }

  @Test
  void clientsThatKeepConnectionsMustNotBeCutOff() {
    assertThat(Claims.keepAlive(new KeepAliveScene.Found(8, 200, true, 0, 600, 150, 0)).word())
        .isEqualTo("held");
    assertThat(Claims.keepAlive(new KeepAliveScene.Found(8, 200, true, 0, 600, 150, 1)).word())
        .isEqualTo("failed");
    assertThat(Claims.keepAlive(new KeepAliveScene.Found(8, 200, false, 0, 600, 150, 0)).word())
        .isEqualTo("inconclusive");
  }

  private static Casualty casualty(boolean inFlight) {
    return new Casualty(-2, 1, 0, "EOF", inFlight);
  }
}
