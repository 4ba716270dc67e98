package dev.thaw.coordinator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.local.RestartPolicy.Again;
import dev.thaw.coordinator.local.RestartPolicy.End;
import dev.thaw.coordinator.local.RestartPolicy.History;
import dev.thaw.coordinator.local.RestartPolicy.StaysDown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** When a replica starts again. */
class RestartPolicyTest {
  private static final RestartSettings SETTINGS =
      new RestartSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), 5, Duration.ofMinutes(5));
  private static final RestartPolicy ON_FAILURE =
      new RestartPolicy(RestartMode.ON_FAILURE, SETTINGS);

  @Test
  void pausesDoubleAndTheSixthEndWithinFiveMinutesIsTheLast() {
    var pauses = new ArrayList<Duration>();
    var history = History.NONE;
    long now = 0;
    var next = ON_FAILURE.ended(End.FAILURE, history, now);
    while (next instanceof Again again) {
      pauses.add(again.after());
      history = again.history();
      now += again.after().toNanos();
      next = ON_FAILURE.ended(End.FAILURE, history, now);
    }

    assertThat(pauses).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 16L);
    assertThat(next).isEqualTo(new StaysDown("restarted 5 times within 300 s"));
  }

  @Test
  void whatIsLongAgoIsForgotten() {
    var history = new History(List.of(0L, 1L, 2L, 3L, 4L));

    var next = ON_FAILURE.ended(End.FAILURE, history, Duration.ofMinutes(6).toNanos());

    assertThat(((Again) next).after()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void successIsTheEndUnlessTheModeIsAlways() {
    assertThat(ON_FAILURE.ended(End.SUCCESS, History.NONE, 0))
        .isEqualTo(new StaysDown("it has finished"));
    assertThat(new RestartPolicy(RestartMode.ALWAYS, SETTINGS).ended(End.SUCCESS, History.NONE, 0))
        .isInstanceOf(Again.class);
  }

  @Test
  void neverIsNever() {
    assertThat(new RestartPolicy(RestartMode.NEVER, SETTINGS).ended(End.FAILURE, History.NONE, 0))
        .isInstanceOf(StaysDown.class);
  }

  @Property
  void noFiveMinutesHoldMoreThanFiveRestarts(
      @ForAll @Size(max = 40) List<@LongRange(min = 0, max = 120_000) Long> lives) {
    var history = History.NONE;
    var restarts = new ArrayList<Long>();
    long now = 0;
    for (long life : lives) {
      now += Duration.ofMillis(life).toNanos();
      if (ON_FAILURE.ended(End.FAILURE, history, now) instanceof Again again) {
        history = again.history();
        restarts.add(now);
        now += again.after().toNanos();
        assertThat(again.after()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
      }
    }

    for (long from : restarts) {
      long until = from + Duration.ofMinutes(5).toNanos();
      assertThat(restarts.stream().filter(at -> at >= from && at < until).count())
          .isLessThanOrEqualTo(5);
    }
  }
}
