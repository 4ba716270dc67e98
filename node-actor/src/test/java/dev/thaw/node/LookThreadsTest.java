package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LookThreadsTest {
  private final LookThreads threads = new LookThreads("test-looks", 1, Duration.ofMillis(20));
  private final CountDownLatch answers = new CountDownLatch(1);

  @AfterEach
  void end() {
    answers.countDown();
    threads.close();
  }

  @Test
  void aLookThatDoesNotEndHoldsUpOthersNoLongerThanItsOwnAskerWaits() throws Exception {
    assertOverdue(threads.run(this::hang));

    var seen = new CountDownLatch(1);
    threads.run(seen::countDown);

    assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whereTooManyLooksDoNotEndNobodyWaitsForAnother() throws Exception {
    var ended = new CountDownLatch(LookThreads.MOST_OVERDUE);
    for (int i = 0; i < LookThreads.MOST_OVERDUE; i++) {
      assertOverdue(
          threads.run(
              () -> {
                hang();
                ended.countDown();
              }));
    }

    assertThat(threads.run(() -> {})).isCompletedExceptionally();

    answers.countDown();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    while (threads.run(() -> {}).isCompletedExceptionally()) {
      Thread.onSpinWait(); // the last of them is only now counted as ended
    }
  }

  private static void assertOverdue(CompletableFuture<Void> look) {
    assertThatThrownBy(() -> look.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TimeoutException.class);
  }

  private void hang() {
    try {
      answers.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
