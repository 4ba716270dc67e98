package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class WhyCommandTest {
  @Test
  void theCourseOfAWarmupStandsOnTheTimelineInHundredths() throws Exception {
    var warmed =
        new ObjectMapper()
            .readTree(
                """
                {"event": "warmed", "pod": "hello-0", "at": "x", "since_exec_ms": 1234.5,
                 "sent": 40, "p50_first_ms": 3.805027, "course_ms": [3.805027, 1.0, 0.6049]}
                """);

    assertThat(WhyCommand.line(warmed))
        .isEqualTo("    +1.235 s  warmed sent=40 p50_first_ms=3.81 course_ms=3.81,1,0.6");
  }

  @Test
  void anEndThatWasAskedForIsSaidInWords() throws Exception {
    var gone =
        new ObjectMapper()
            .readTree(
                "{\"event\": \"gone\", \"pod\": \"hello-0\", \"signal\": 15, \"requested\": true}");

    assertThat(WhyCommand.line(gone)).endsWith("  gone on request signal=15");
  }
}
