package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.PodName;
import dev.thaw.coordinator.local.LocalPods;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalThawTest {
  @Test
  void whoIsLeftIsNamedWithItsPidWhereThatIsKnown() {
    assertThat(
            LocalThaw.words(
                List.of(
                    new LocalPods.StillRunning(new PodName("hello-0"), 12),
                    new LocalPods.StillRunning(new PodName("hello-1"), 0))))
        .isEqualTo(", still running: hello-0 (pid 12), hello-1");
    assertThat(LocalThaw.words(List.of())).isEmpty();
  }
}
