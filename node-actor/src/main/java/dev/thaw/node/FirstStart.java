package dev.thaw.node;

/** What is done when a process runs an image that has not been looked at yet. */
public enum FirstStart {
  /** Nothing: that one start may miss marks. */
  MISS,
  /** It is stopped at its exec for the milliseconds that the look takes; Linux 6.16. */
  STOP
}
