package dev.thaw.app.demo;

import java.util.concurrent.TimeUnit;

/** Shows the replicas until it is stopped, from a thread of its own. */
final class Watcher {
  private static final int ON_TERMINAL_SECONDS = 2;
  private static final int ELSEWHERE_SECONDS = 10;

  private final ThawRun thaw;
  private final Screen screen;
  private final Thread thread = new Thread(this::watch, "watcher");

  Watcher(ThawRun thaw, Screen screen) {
    this.thaw = thaw;
    this.screen = screen;
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      while (true) {
        TimeUnit.SECONDS.sleep(screen.terminal() ? ON_TERMINAL_SECONDS : ELSEWHERE_SECONDS);
        thaw.look().ifPresent(screen::show);
      }
    } catch (InterruptedException e) {
      screen.still(); // stopped
    }
  }

  /** Waits until nothing is drawn any more. */
  void stop() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
