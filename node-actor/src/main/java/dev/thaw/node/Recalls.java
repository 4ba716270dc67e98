package dev.thaw.node;

/**
 * When what the kernel remembers is asked for again, and when /proc is looked at after it: with a
 * hundred pods both are dear, so that there is one round at a time and one look behind it. Pure;
 * one thread.
 */
final class Recalls {

  /** What follows the end of a recall. */
  enum Next {
    /** The round goes on. */
    NOTHING,
    /** Its last has ended: /proc shows what was before or beside it. */
    LOOK,
    /** Events were missed since it began: another round. */
    RECALL_ALL
  }

  private int open;
  private boolean missed;

  /** A group is asked about. */
  void begins() {
    open++;
  }

  /**
   * Events were missed. Whether all groups are to be asked about now: else this round's end will.
   */
  boolean missed() {
    missed = open > 0;
    return !missed;
  }

  /** One was answered, or will not be any more. */
  Next ended() {
    open--;
    if (open > 0) {
      return Next.NOTHING;
    } else if (missed) {
      missed = false;
      return Next.RECALL_ALL;
    }
    return Next.LOOK;
  }
}
