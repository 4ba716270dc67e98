package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Amounts of CPU as people write them. */
class MillicoresTest {

  @ParameterizedTest
  @CsvSource({"300m, 300", "1m, 1", "1, 1000", "0.5, 500", "1.25, 1250", "1024, 1024000"})
  void areReadInBothForms(String text, int value) {
    assertThat(Millicores.parse(text)).isEqualTo(new Millicores(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "0m", "-1", "300 m", "m", "1.2345", "1e3", "1025", "99999999m"})
  void areRefusedWithWhatIsAccepted(String text) {
    assertThatThrownBy(() -> Millicores.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("\"" + text + "\" (expected: thousandths of a core such as 300m");
  }
}
