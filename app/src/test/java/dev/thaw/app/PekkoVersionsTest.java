package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps docs/adr/0002-pekko-discovery-pinned.md true, and says when it may go. */
class PekkoVersionsTest {
  private static final Pattern ARTIFACT = Pattern.compile("(pekko-[a-z0-9-]+)_2\\.13-(.+)\\.jar");

  /** Pekko's other projects have releases of their own. */
  private static final Pattern OTHER_PROJECTS =
      Pattern.compile("pekko-(http|parsing|persistence-jdbc|management|connectors).*");

  @Test
  void onlyDiscoveryIsOfAnotherRelease() {
    Map<String, String> found = new TreeMap<>();
    for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
      Matcher artifact = ARTIFACT.matcher(Path.of(entry).getFileName().toString());
      if (artifact.matches() && !OTHER_PROJECTS.matcher(artifact.group(1)).matches()) {
        found.put(artifact.group(1), artifact.group(2));
      }
    }

    String release = found.get("pekko-actor");
    assertThat(found).hasSizeGreaterThan(10);
    assertThat(found.entrySet().stream().filter(each -> !each.getValue().equals(release)))
        .extracting(Map.Entry::getKey)
        .as("when this is empty, undo the pin")
        .containsExactly("pekko-discovery");
  }
}
