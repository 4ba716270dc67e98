package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.ImageId;
import dev.thaw.bpf.KernelEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LooksTest {
  private static final long MILLI = 1_000_000L;

  private final Looks looks = new Looks();

  private static KernelEvent.Exec exec(long group, long image) {
    return new KernelEvent.Exec(0, 7, 1, group, 0, 0, new ImageId(image, 2), "/bin/true");
  }

  @Test
  void anImageWaitsOnceForItsGroup() {
    looks.add(exec(5, 1), 0);
    looks.add(exec(5, 1), 0);
    looks.add(exec(6, 1), 0);

    assertThat(all(0)).containsExactly(exec(5, 1), exec(6, 1));
    assertThat(looks.untilNext(0)).isEmpty();
  }

  @Test
  void aGroupThatRunsManyImagesLetsOthersPass() {
    LongStream.range(0, 20).forEach(image -> looks.add(exec(5, image), 0));
    looks.add(exec(6, 1), 0);

    assertThat(all(0).subList(0, 3)).extracting(KernelEvent::cgroupId).containsExactly(5L, 6L, 5L);
  }

  @Test
  void whatAWrapperHasBecomeIsLookedAtBeforeWhatItRanOnTheWay() {
    LongStream.range(0, 40).forEach(image -> looks.add(exec(5, image), 0));

    List<KernelEvent.Exec> order = all(0);

    assertThat(order).hasSize(32).startsWith(exec(5, 39), exec(5, 38)).endsWith(exec(5, 8));
  }

  @Test
  void looksForAGroupTakeATenthOfTheTime() {
    long now = 0;
    long spent = 0;
    for (long image = 0; now < Duration.ofMinutes(1).toNanos(); image++) {
      looks.add(exec(5, image), now);
      Optional<KernelEvent.Exec> next = looks.next(now);
      if (next.isPresent()) {
        long took = 40 * MILLI;
        now += took;
        spent += took;
        looks.took(next.get(), took, now);
      } else {
        now += Math.max(MILLI, looks.untilNext(now).orElseThrow());
      }
    }

    assertThat(Duration.ofNanos(spent)).isBetween(Duration.ofSeconds(6), Duration.ofMillis(6500));
  }

  @Test
  void aGroupThatHasHadEnoughHoldsUpNoOther() {
    looks.took(exec(5, 1), 1000 * MILLI, 0);
    looks.add(exec(5, 2), 0);
    looks.add(exec(6, 2), 0);

    assertThat(all(0)).containsExactly(exec(6, 2));
    assertThat(looks.untilNext(0)).hasValue(7500 * MILLI);
    assertThat(all(7500 * MILLI)).containsExactly(exec(5, 2));
  }

  private List<KernelEvent.Exec> all(long now) {
    var all = new ArrayList<KernelEvent.Exec>();
    for (var next = looks.next(now); next.isPresent(); next = looks.next(now)) {
      all.add(next.get());
    }
    return all;
  }
}
