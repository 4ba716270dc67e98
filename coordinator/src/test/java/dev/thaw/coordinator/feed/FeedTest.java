package dev.thaw.coordinator.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.pekko.actor.testkit.typed.javadsl.BehaviorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FeedTest {
  private static final PodUid POD = new PodUid("orders-0.r1");
  private static final long SECOND = 1_000_000_000L;
  private static final int KEPT = 20;

  private final BehaviorTestKit<Feed.Command> feed =
      BehaviorTestKit.create(Feed.create(new FeedSettings(KEPT, 1000)));

  @BeforeEach
  void named() {
    feed.run(new Feed.Named(POD, new PodName("orders-0")));
    feed.run(new Feed.ClockOffset(1_000_000 * SECOND));
    feed.run(new Feed.Born(POD, new StartId("s1"), 10 * SECOND));
  }

  private void seen(String event, long nanos) {
    feed.run(new Feed.Seen(POD, event, OptionalLong.of(nanos), Map.of()));
  }

  private List<FeedEvent> history() {
    TestInbox<List<FeedEvent>> inbox = TestInbox.create();
    feed.run(new Feed.History(POD, inbox.getRef()));
    return inbox.receiveMessage();
  }

  private static double since(FeedEvent event) {
    return event.sinceExecMs().orElseThrow();
  }

  @Test
  void timesCountFromTheLastExecBeforeTheListener() {
    seen("exec", 11 * SECOND);
    seen("exec", 12 * SECOND);
    seen("listen", 13 * SECOND);
    seen("exec", 14 * SECOND);
    seen("first_success", 15 * SECOND);
    assertThat(history()).extracting(FeedTest::since).containsExactly(0.0, 0.0, 1e3, 2e3, 3e3);
  }

  @Test
  void theExecOfAHelperIsNotTheOneThatCounts() {
    seenOf(7, "exec", 11 * SECOND);
    seenOf(8, "exec", 12 * SECOND);
    seenOf(7, "listen", 13 * SECOND);

    assertThat(since(history().get(2))).isEqualTo(2e3);
  }

  private void seenOf(int pid, String event, long nanos) {
    feed.run(new Feed.Seen(POD, event, OptionalLong.of(nanos), Map.of("pid", pid)));
  }

  @Test
  void howAStartBeganIsNotPushedOutByWhatCameLongAfterIt() {
    seen("exec", 11 * SECOND);
    seen("listen", 12 * SECOND);

    for (int i = 0; i < 2 * KEPT; i++) {
      feed.run(new Feed.Decided(POD, "rung" + i, Instant.EPOCH, Map.of()));
    }

    assertThat(history()).hasSize(KEPT);
    assertThat(history().subList(0, 3))
        .extracting(FeedEvent::event)
        .containsExactly("exec", "listen", "rung0");
    assertThat(history().get(KEPT - 1).event()).isEqualTo("rung" + (2 * KEPT - 1));
  }

  @Test
  void theLinesOfAnEarlierStartGoFirst() {
    for (int i = 0; i < KEPT; i++) {
      seen("old" + i, 11 * SECOND);
    }
    feed.run(new Feed.Born(POD, new StartId("s2"), 20 * SECOND));

    seen("exec", 21 * SECOND);
    seen("listen", 22 * SECOND);

    assertThat(history()).hasSize(KEPT);
    assertThat(history().get(0).event()).isEqualTo("old2");
    assertThat(history().get(KEPT - 1).event()).isEqualTo("listen");
  }

  @Test
  void withoutAnExecTheyCountFromTheProcessesStart() {
    seen("listen", 10 * SECOND + 250_000_000);
    assertThat(since(history().get(0))).isEqualTo(250.0);
  }

  @Test
  void anotherStartBeginsAnew() {
    seen("listen", 13 * SECOND);
    feed.run(new Feed.Born(POD, new StartId("s2"), 20 * SECOND));
    seen("exec", 21 * SECOND);
    seen("listen", 23 * SECOND);
    assertThat(history()).extracting(FeedTest::since).containsExactly(3e3, 0.0, 2e3);
  }

  @Test
  void aDecisionStandsOnTheSameTimeLine() {
    feed.run(new Feed.Decided(POD, "confirmed", Instant.ofEpochSecond(1_000_000 + 11), Map.of()));
    assertThat(history().get(0).toJson())
        .isEqualTo(
            "{\"event\":\"confirmed\",\"pod\":\"orders-0\",\"at\":\"1970-01-12T13:46:51.000Z\",\"since_exec_ms\":1000.0}");
  }

  @Test
  void aFollowerHearsEverythingUntilItLeaves() {
    var heard = new java.util.ArrayList<FeedEvent>();
    feed.run(new Feed.Follow("me", heard::add));
    feed.run(new Feed.Said("scaled", Map.of("to", 3)));
    feed.run(new Feed.Unfollow("me"));
    feed.run(new Feed.Said("scaled", Map.of("to", 4)));
    assertThat(heard).extracting(event -> event.fields().get("to")).containsExactly(3);
  }
}
