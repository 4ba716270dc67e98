package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.Symboliser;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class FlameTest {

  @Test
  void framesWithoutANameInARowAreOneBox() {
    String none = Symboliser.UNKNOWN;
    Start start =
        new Starts()
            .step("exec", 0)
            .sample(1, "main", none, none, none, "write")
            .sample(2, "main", none, "read")
            .sample(3, "main", none, none, "write")
            .build();

    assertThat(Flame.of(start.samples(), start.stacks(), sample -> "phase").boxes(1))
        .extracting(Flame.Box::name, Flame.Box::samples)
        .containsExactly(
            Tuple.tuple("all", 3),
            Tuple.tuple("phase", 3),
            Tuple.tuple("main", 3),
            Tuple.tuple("[unknown frames]", 2),
            Tuple.tuple("write", 2),
            Tuple.tuple(none, 1),
            Tuple.tuple("read", 1));
  }
}
