package dev.thaw.bpf.os;

/** For threads that use what their owner frees once they have ended. */
public final class Threads {
  private Threads() {}

  /**
   * Waits until it has ended, also when the caller is interrupted, which stays said: what the
   * thread uses may not be freed under it.
   */
  public static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
