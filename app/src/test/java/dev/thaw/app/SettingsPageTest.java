package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page on settings says what the modules' reference.conf files hold. */
class SettingsPageTest {
  private static final Pattern ROW = Pattern.compile("\\| `(thaw\\.[\\w.-]+)` \\| `(\\S+)` \\|.*");

  /** Of a dispatcher, and of the journal's own profile: nothing for an operator. */
  private static final Pattern INTERNAL =
      Pattern.compile("thaw\\.(node\\.(native|looks)-dispatcher\\..*|persistence\\.read-journal)");

  @Test
  void everySettingStandsThereWithWhatItIsAsShippedAndNoOther() throws Exception {
    var documented = new TreeMap<String, String>();
    for (String line : Files.readAllLines(Path.of("..", "docs", "reference", "settings.md"))) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        documented.put(row.group(1), row.group(2));
      }
    }

    assertThat(documented).isEqualTo(shipped());
  }

  private static Map<String, String> shipped() {
    Config all = ConfigFactory.defaultReference();
    var shipped = new TreeMap<String, String>();
    all.getConfig("thaw")
        .entrySet()
        .forEach(
            each -> {
              String key = "thaw." + each.getKey();
              if (!INTERNAL.matcher(key).matches()) {
                shipped.put(key, each.getValue().unwrapped().toString());
              }
            });
    return shipped;
  }
}
