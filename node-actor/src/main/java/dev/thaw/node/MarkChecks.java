package dev.thaw.node;

import java.time.Duration;

/**
 * The thread that has what carries marks checked, again and again: whether it has become another
 * program. A check does not end on a file system that does not answer.
 */
final class MarkChecks implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** Checks take at most this part of a thread's time, however many images there are. */
  private static final int PART = 100;

  private final Runnable check;
  private final Thread thread = new Thread(this::run, "thaw-marks");
  private boolean closed;

  private MarkChecks(Runnable check) {
    this.check = check;
    thread.setDaemon(true);
  }

  /** Checks from now on; {@code check} throws nothing. */
  static MarkChecks start(Runnable check) {
    var checks = new MarkChecks(check);
    checks.thread.start();
    return checks;
  }

  private void run() {
    try {
      long tookNanos = 0;
      while (goesOnAfter(PART * tookNanos)) {
        long began = System.nanoTime();
        check.run();
        tookNanos = System.nanoTime() - began;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does that but to end it
    }
  }

  private synchronized boolean goesOnAfter(long nanos) throws InterruptedException {
    if (!closed) {
      wait(Math.max(PAUSE.toMillis(), Duration.ofNanos(nanos).toMillis()));
    }
    return !closed;
  }

  /** Begins no check any more, and does not wait for the one under way. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
