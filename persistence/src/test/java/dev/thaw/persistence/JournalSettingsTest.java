package dev.thaw.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalSettingsTest {
  private static final Config SHIPPED = ConfigFactory.load();

  @Test
  void asShippedItKeepsFourMebibytesAndWaitsFiveSeconds() {
    assertThat(JournalSettings.from(SHIPPED))
        .isEqualTo(new JournalSettings(4 << 20, Duration.ofSeconds(5)));
  }

  @Test
  void eachKeyMovesItsOwnFieldAlone() {
    assertThat(JournalSettings.from(with("cache", "8MiB")))
        .isEqualTo(new JournalSettings(8 << 20, Duration.ofSeconds(5)));
    assertThat(JournalSettings.from(with("connection-timeout", "1s")))
        .isEqualTo(new JournalSettings(4 << 20, Duration.ofSeconds(1)));
  }

  @Test
  void bothReachTheDatabase() {
    Config profile =
        JournalProfile.h2(Path.of("j"), new JournalSettings(8 << 20, Duration.ofSeconds(1)));

    Config database = profile.getConfig("pekko-persistence-jdbc.shared-databases.slick.db");
    assertThat(database.getString("url")).endsWith(";CACHE_SIZE=8192");
    assertThat(database.getLong("connectionTimeout")).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource({
    "cache, 1048575, 1048575 (expected: 1048576 to 268435456)",
    "cache, 268435457, 268435457 (expected: 1048576 to 268435456)",
    "cache, much, much (expected: a size such as 4MiB)",
    "connection-timeout, 249ms, 249ms (expected: 250ms to 1m)",
    "connection-timeout, 61s, 61s (expected: 250ms to 1m)",
    "connection-timeout, soon, soon (expected: a time such as 5s or 200ms)"
  })
  void whatIsOutsideItsBoundsIsRefusedInOneSentence(String key, String value, String said) {
    assertThatThrownBy(() -> JournalSettings.from(with(key, value)))
        .hasMessage("thaw.persistence.h2." + key + ": " + said);
  }

  private static Config with(String key, String value) {
    return ConfigFactory.parseMap(Map.of("thaw.persistence.h2." + key, value))
        .withFallback(SHIPPED);
  }
}
