package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PressureSettingsTest {
  @Test
  void theShippedIntervalIsASecondAndCanBeChanged() {
    assertThat(PressureSettings.from(ConfigFactory.load()).interval())
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(
            PressureSettings.from(
                    ConfigFactory.parseString("thaw.node.pressure.interval = 250 ms")
                        .withFallback(ConfigFactory.load()))
                .interval())
        .isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void anIntervalOutsideItsBoundsIsRefusedWithBoth() {
    for (Duration wrong : new Duration[] {Duration.ofMillis(99), Duration.ofSeconds(61)}) {
      assertThatThrownBy(() -> new PressureSettings(wrong))
          .hasMessageContaining("thaw.node.pressure.interval: " + wrong)
          .hasMessageContaining("100 ms to 1 min");
    }
  }
}
