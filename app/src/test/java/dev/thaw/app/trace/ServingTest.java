package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A server that answers 200 once and fails later. */
class ServingTest {

  @Test
  void whoeverAnswersOnIsNotSpokenOf() {
    Start start = Starts.go(160).call(160, 2).plateau(200, 2).build();

    assertThat(Serving.sentence(start)).isEmpty();
    assertThat(Serving.stopped(start)).isFalse();
  }

  @Test
  void failuresAfterTheFirst200AreCountedByStatus() {
    Starts starts = Starts.go(160).call(100, 1, 503).call(160, 2);
    for (int at = 200; at < 205; at++) {
      starts.call(at, 1, 500);
    }
    Start start = starts.call(210, 1, 429).build();

    assertThat(Advice.of(start, Starts.setting(OptionalInt.empty())))
        .extracting(Advice.Item::sentence)
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .contains("1 of 7 requests answered 429, 5 of 7 requests answered 500"));
    assertThat(Serving.stopped(start)).isTrue();
  }

  @Test
  void aFewFailuresDoNotMakeAServerOneThatStopped() {
    Start start = Starts.go(160).call(160, 2).call(170, 2, 500).plateau(200, 2).build();

    assertThat(Serving.sentence(start)).isPresent();
    assertThat(Serving.stopped(start)).isFalse();
    assertThat(Measures.warm(start)).hasValue(2 * Starts.MS);
  }

  @Test
  void quickErrorsAreNoWarmRequests() {
    Starts starts = Starts.go(160).call(160, 9).step(Start.PLATEAU, 160).call(170, 9);
    for (int at = 180; at < 200; at++) {
      starts.call(at, 1, 500);
    }

    assertThat(Measures.warm(starts.build())).hasValue(9 * Starts.MS);
    assertThat(List.of(starts.build())).allMatch(Serving::stopped);
  }
}
