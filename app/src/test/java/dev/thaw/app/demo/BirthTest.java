package dev.thaw.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.app.demo.Birth.Regime;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class BirthTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Birth read(String... events) {
    List<Birth.Seen> seen =
        Arrays.stream(events)
            .map(
                line -> {
                  try {
                    return new Birth.Seen(JSON.readTree(line), 2_000_000L);
                  } catch (java.io.IOException e) {
                    throw new IllegalArgumentException(line, e);
                  }
                })
            .toList();
    return Birth.read(Regime.THAW, 3, 1_000_000L, seen, OptionalDouble.empty());
  }

  @Test
  void aMarkIsWhatTheEventSaysOrElseItsTime() {
    Birth birth =
        read(
            "{\"event\":\"exec\",\"since_exec_ms\":-6}",
            "{\"event\":\"listen\",\"since_exec_ms\":10.25}",
            "{\"event\":\"confirmed\",\"since_exec_ms\":null}");

    assertThat(birth.marks()).containsOnlyKeys("listen", "confirmed");
    assertThat(birth.marks()).containsEntry("listen", 10.25).containsEntry("confirmed", 1.0);
  }

  @Test
  void theHighestWeightItWasSentBackFromCaughtIt() {
    Birth birth =
        read(
            "{\"event\":\"rung\",\"weight\":5}",
            "{\"event\":\"rolled_back\",\"from\":5,\"to\":1,\"reason\":\"Slow: 5 of 7\"}",
            "{\"event\":\"rung\",\"weight\":20}",
            "{\"event\":\"rolled_back\",\"from\":20,\"to\":5,\"reason\":\"Slow: 8 of 8\"}");

    assertThat(birth.caughtBy()).contains("at 20 %: Slow: 8 of 8");
    assertThat(birth.highestWeight()).isEqualTo(20);
    assertThat(birth.rungs()).extracting(Birth.RungAt::weight).containsExactly(5, 1, 20, 5);
  }

  @Test
  void whatWasNeverLetInWasCaughtByWarmUp() {
    Birth birth = read("{\"event\":\"held\",\"reason\":\"WarmupFailed\"}");

    assertThat(birth.caught()).isTrue();
    assertThat(birth.caughtBy()).contains("warm-up");
    assertThat(birth.highestWeight()).isZero();
  }
}
