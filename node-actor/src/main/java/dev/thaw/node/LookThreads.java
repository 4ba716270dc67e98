package dev.thaw.node;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads for looks at images, a few at once. A look on a file system that does not answer does not
 * end: one that is overdue gives its place to another thread, and where too many are, looks fail at
 * once. Any thread.
 */
final class LookThreads implements AutoCloseable {
  /** So many overdue looks, and no other is begun; each of them keeps a thread. */
  static final int MOST_OVERDUE = 16;

  private enum State {
    WAITING,
    RUNNING,
    OVERDUE,
    ENDED
  }

  private final int atOnce;
  private final Duration patience;
  private final ThreadPoolExecutor threads;
  private int overdue;

  /**
   * @param patience how long whoever asked for a look waits for it
   */
  LookThreads(String name, int atOnce, Duration patience) {
    this.atOnce = atOnce;
    this.patience = patience;
    this.threads =
        new ThreadPoolExecutor(
            atOnce,
            atOnce,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              var thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Ended, or failed when nobody is to wait longer; a look that has begun goes on all the same. */
  CompletableFuture<Void> run(Runnable look) {
    if (overdue() >= MOST_OVERDUE) {
      return CompletableFuture.failedFuture(
          new IllegalStateException(MOST_OVERDUE + " looks at other images do not end"));
    }
    var state = new AtomicReference<>(State.WAITING);
    CompletableFuture<Void> answer =
        CompletableFuture.runAsync(() -> run(look, state), threads)
            .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    answer.whenComplete(
        (done, thrown) -> {
          if (thrown instanceof TimeoutException
              && state.compareAndSet(State.RUNNING, State.OVERDUE)) {
            overdue(1);
          }
        });
    return answer;
  }

  private void run(Runnable look, AtomicReference<State> state) {
    state.set(State.RUNNING);
    try {
      look.run();
    } finally {
      if (state.getAndSet(State.ENDED) == State.OVERDUE) {
        overdue(-1);
      }
    }
  }

  private synchronized int overdue() {
    return overdue;
  }

  private synchronized void overdue(int more) {
    overdue += more;
    if (more > 0) {
      threads.setMaximumPoolSize(atOnce + overdue); // first, as it must not be the smaller one
      threads.setCorePoolSize(atOnce + overdue);
    } else {
      threads.setCorePoolSize(atOnce + overdue);
      threads.setMaximumPoolSize(atOnce + overdue);
    }
  }

  /** Begins no look any more, and does not wait for those under way. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
