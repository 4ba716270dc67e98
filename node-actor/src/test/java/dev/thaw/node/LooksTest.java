package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.ImageId;
import dev.thaw.bpf.KernelEvent;
import org.junit.jupiter.api.Test;

class LooksTest {
  private static final long SECOND = 1_000_000_000L;

  private final Looks looks = new Looks();

  private static KernelEvent.Exec exec(long atNanos, long group, ImageId image) {
    return new KernelEvent.Exec(atNanos, 7, 1, group, 0, 0, image, "/bin/true");
  }

  @Test
  void anImageOfAGroupIsLookedAtOnceASecond() {
    var image = new ImageId(1, 2);

    assertThat(looks.due(exec(0, 5, image))).isTrue();
    assertThat(looks.due(exec(SECOND - 1, 5, image))).isFalse();
    assertThat(looks.due(exec(SECOND - 1, 6, image))).as("another pod").isTrue();
    assertThat(looks.due(exec(SECOND - 1, 5, new ImageId(1, 3)))).as("another image").isTrue();
    assertThat(looks.due(exec(SECOND, 5, image))).isTrue();
  }
}
