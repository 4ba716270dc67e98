package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.feed.FeedEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void anEventIsALineWithItsFields() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("weight", 5);
    fields.put("observed_percent", null);
    fields.put("reason", "GatePassed");

    assertThat(Progress.lines(event("rung", fields)))
        .singleElement()
        .asString()
        .endsWith(" hello-1             +1.235s  rung weight=5 reason=GatePassed");
  }

  @Test
  void whatADeadReplicaSaidLastStandsBelowItsEnd() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("exit_code", 3);
    fields.put("last_lines", List.of("no database", "giving up"));

    List<String> lines = Progress.lines(event("gone", fields));

    assertThat(lines.get(0)).endsWith("  gone exit_code=3");
    assertThat(lines.subList(1, lines.size()))
        .containsExactly("    hello-1| no database", "    hello-1| giving up");
  }

  @Test
  void anEndThatWasAskedForIsSaidInWords() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("signal", 15);
    fields.put("requested", true);

    assertThat(Progress.lines(event("gone", fields)))
        .singleElement()
        .asString()
        .endsWith("  gone on request signal=15");
  }

  private static FeedEvent event(String kind, Map<String, Object> fields) {
    return new FeedEvent(kind, "hello-1", Instant.EPOCH, OptionalDouble.of(1234.5), fields);
  }
}
