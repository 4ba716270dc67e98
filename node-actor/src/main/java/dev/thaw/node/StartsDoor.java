package dev.thaw.node;

import java.util.concurrent.TimeUnit;

/**
 * When the next subscriber to starts may be let in. Each costs the node all it knows, as text:
 * those who come and go without end must not take its time from what it has to push. Pure; one
 * thread.
 */
final class StartsDoor {
  /** Let in within one round. */
  static final int AT_ONCE = 16;

  private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(100);

  /** Before the next is let in, when there was no room for one, such as no descriptor. */
  private static final long NO_ROOM = TimeUnit.SECONDS.toNanos(1);

  private long roundBegan;
  private long shutUntil;
  private int came;

  /**
   * @param now as all times here: {@link System#nanoTime()}
   */
  StartsDoor(long now) {
    roundBegan = now;
    shutUntil = now;
  }

  /** How many nanoseconds it stays shut; 0 when it is open. */
  long shutFor(long now) {
    return Math.max(0, shutUntil - now);
  }

  /** Somebody has come, whether he was let in or sent away. */
  void came(long now) {
    if (now - roundBegan >= ROUND) {
      roundBegan = now;
      came = 0;
    }
    came++;
    if (came == AT_ONCE) {
      shutUntil = roundBegan + ROUND;
    }
  }

  /** There was no room for one. */
  void noRoom(long now) {
    shutUntil = now + NO_ROOM;
  }
}
