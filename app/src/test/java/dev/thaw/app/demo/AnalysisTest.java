package dev.thaw.app.demo;

import static dev.thaw.app.demo.Synthetic.birth;
import static dev.thaw.app.demo.Synthetic.judged;
import static dev.thaw.app.demo.Synthetic.traffic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.thaw.app.demo.Birth.Regime;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnalysisTest {
  @Test
  void theThreeViewsCountFromTheFirstUserAndFromExec() {
    Analysis.Judged one = judged(Regime.THAW, 10, 0);

    assertThat(one.first15s().requests()).isEqualTo(15 * 40);
    assertThat(one.first250().requests()).isEqualTo(250);
    assertThat(one.service30s().requests()).isEqualTo(30 * 120);
    assertThat(one.firstRequestMs().orElseThrow()).isCloseTo(1_000, within(10.0));
    assertThat(one.warm30s().p95()).isEqualTo(4);
  }

  @Test
  void aRungIsCreditedWithTheRequestsOfItsTime() {
    assertThat(judged(Regime.THAW, 10, 0).rungRequests()).containsExactly(100, 1060);
  }

  @Test
  void usersWhoWereLateProveNothing() {
    Birth birth = birth(Regime.THAW, 2_000, List.of(), "");

    assertThat(Analysis.judge(birth, traffic(10, 0, 5.0)).provesNothing()).isEmpty();
    assertThat(Analysis.judge(birth, traffic(10, 0, 5.1)).provesNothing())
        .hasValueSatisfying(why -> assertThat(why).startsWith("thaw: ").contains("5.1 ms"));
  }

  @Test
  void hurtUsersAreThoseOfTheFaultyBuildWithin15Seconds() {
    Analysis.Hurt hurt =
        Analysis.hurt(birth(Regime.LISTEN, 0, List.of(), ""), traffic(400, 30, 0.1));

    assertThat(hurt.requests()).isEqualTo(1_800);
    assertThat(hurt.userSlow()).isEqualTo(560);
    assertThat(hurt.userErrors()).isEqualTo(56);
  }

  @Test
  void aLineThatIsStillBeingWrittenIsLeftOut() {
    assertThat(Request.parse("12,1000,5")).isNull();
    assertThat(Request.parse("12,1000,5,7000,200,3,9,2,"))
        .isEqualTo(new Request(1000, 0.005, 7.0, 200, 3, 2, ""));
  }

  @Test
  void percentilesAreNearestRanks() {
    assertThat(Figures.rank(new double[] {1, 2, 3, 4}, 0.5)).isEqualTo(2);
    assertThat(Figures.rank(new double[] {1, 2, 3, 4}, 0.95)).isEqualTo(4);
    assertThat(Figures.rank(new double[] {}, 0.95)).isNaN();
  }
}
