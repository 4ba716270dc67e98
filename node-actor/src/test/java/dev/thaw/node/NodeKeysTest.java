package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator may change of a node. */
class NodeKeysTest {
  private static final Config SHIPPED = ConfigFactory.load();

  private static Config with(String key, String value) {
    return ConfigFactory.parseMap(Map.of("thaw.node." + key, value)).withFallback(SHIPPED);
  }

  @Test
  void asShipped() {
    assertThat(LooksSettings.from(SHIPPED)).isEqualTo(new LooksSettings(2));
    assertThat(PressureSettings.from(SHIPPED))
        .isEqualTo(new PressureSettings(Duration.ofSeconds(1)));
    assertThat(StartsSettings.from(SHIPPED)).isEqualTo(new StartsSettings(64, 16));
  }

  @Test
  void eachKeyMovesItsOwnFieldAlone() {
    assertThat(LooksSettings.from(with("looks.threads", "4"))).isEqualTo(new LooksSettings(4));
    assertThat(PressureSettings.from(with("pressure.interval", "250ms")))
        .isEqualTo(new PressureSettings(Duration.ofMillis(250)));
    assertThat(StartsSettings.from(with("starts.subscribers", "32")))
        .isEqualTo(new StartsSettings(32, 16));
    assertThat(StartsSettings.from(with("starts.of-one-user", "2")))
        .isEqualTo(new StartsSettings(64, 2));
  }

  /** The dispatcher is configured by a reference to the key. */
  @Test
  void theThreadsOfLooksAreTheirDispatchers() {
    System.setProperty("thaw.node.looks.threads", "5");
    try {
      ConfigFactory.invalidateCaches();

      assertThat(
              ConfigFactory.load("thaw-node")
                  .getInt("thaw.node.looks-dispatcher.thread-pool-executor.fixed-pool-size"))
          .isEqualTo(5);
    } finally {
      System.clearProperty("thaw.node.looks.threads");
      ConfigFactory.invalidateCaches();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "looks.threads, 0, 0 (expected: 1 to 16)",
    "looks.threads, 17, 17 (expected: 1 to 16)",
    "pressure.interval, 99ms, 99ms (expected: 100ms to 1m)",
    "pressure.interval, 61s, 61s (expected: 100ms to 1m)",
    "pressure.interval, soon, soon (expected: a time such as 5s or 200ms)",
    "starts.subscribers, 1025, 1025 (expected: 1 to 1024)",
    "starts.subscribers, none, none (expected: a whole number)",
    "starts.of-one-user, 0, 0 (expected: 1 to 64)",
    "starts.of-one-user, 65, 65 (expected: 1 to 64)"
  })
  void whatIsOutsideItsBoundsIsRefusedInOneSentence(String key, String value, String said) {
    assertThatThrownBy(
            () -> {
              LooksSettings.from(with(key, value));
              PressureSettings.from(with(key, value));
              StartsSettings.from(with(key, value));
            })
        .hasMessage("thaw.node." + key + ": " + said);
  }
}
