package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  @Test
  void whoIsInterruptedWaitsForTheEndAllTheSameAndStaysInterrupted() {
    var mayEnd = new CountDownLatch(1);
    var thread = new Thread(() -> await(mayEnd));
    thread.start();
    Thread waiter = Thread.currentThread();
    new Thread(
            () -> {
              while (waiter.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
              }
              mayEnd.countDown();
            })
        .start();
    waiter.interrupt();

    Threads.join(thread);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(thread.isAlive()).isFalse();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
