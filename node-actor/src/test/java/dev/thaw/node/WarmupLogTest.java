package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.WarmupPlan;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a warm-up counts, and when it is over. */
class WarmupLogTest {
  @Test
  void itIsOverAtItsCountOnceAllAreAnswered() {
    var log = new WarmupLog(WarmupPlan.newBuilder().setCount(2).build());
    log.next();
    log.next();
    log.answered(1);
    assertThat(log.wantsMore()).isFalse();
    assertThat(log.isOver()).isFalse();

    log.failed("GET / answered with status 500");

    assertThat(log.isOver()).isTrue();
    assertThat(log.counts().sent()).isEqualTo(2);
    assertThat(log.counts().errors()).isEqualTo(1);
    assertThat(log.counts().lastError()).isEqualTo("GET / answered with status 500");
  }

  @Test
  void itIsOverAtThePlateauBeforeItsCount() {
    var log =
        new WarmupLog(
            WarmupPlan.newBuilder()
                .setCount(1000)
                .setPlateau(WarmupPlan.Plateau.newBuilder().setWindow(2).setTolerance(0.1))
                .build());

    for (long latency : new long[] {90, 90, 50, 50, 50, 50, 50, 50}) {
      assertThat(log.wantsMore()).isTrue();
      log.next();
      log.answered(latency);
    }

    assertThat(log.isOver()).isTrue();
    assertThat(log.counts().plateauAfter()).isEqualTo(8);
    assertThat(log.counts().sent()).isEqualTo(8);
  }

  @Test
  void requestsAreDueAtTheRateAndWithoutOneAtOnce() {
    var rated = new WarmupLog(WarmupPlan.newBuilder().setPerSecond(50).build());
    var free = new WarmupLog(WarmupPlan.getDefaultInstance());

    assertThat(rated.dueNanos(0)).isZero();
    assertThat(rated.dueNanos(25)).isEqualTo(500_000_000);
    assertThat(free.dueNanos(25)).isZero();
  }

  @Test
  void whatTheLimitCutsOffHasFailedWhereItHadItsTimeOrNothingWasAnswered() {
    var some = new WarmupLog(WarmupPlan.newBuilder().setCount(9).build());
    some.next();
    some.answered(1);
    some.next();
    some.next();
    some.timeIsUp(1);
    var none = new WarmupLog(WarmupPlan.newBuilder().setCount(9).build());
    none.next();
    none.next();
    none.timeIsUp(0);

    assertThat(some.counts().sent()).isEqualTo(2);
    assertThat(some.counts().errors()).isEqualTo(1);
    assertThat(none.counts().errors()).isEqualTo(2);
    assertThat(none.counts().lastError()).isEqualTo("no answer by the warm-up's time limit");
  }

  @Test
  void theCourseIsTenMediansInOrder() {
    var log = new WarmupLog(WarmupPlan.newBuilder().setCount(100).build());
    LongStream.rangeClosed(1, 100).forEach(i -> log.answered(1000 - 10 * i));

    List<Long> course = log.counts().courseNanos();

    assertThat(course).hasSize(10).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    assertThat(log.counts().p50FirstNanos()).isEqualTo(course.get(0));
    assertThat(log.counts().p50LastNanos()).isEqualTo(course.get(9));
  }
}
