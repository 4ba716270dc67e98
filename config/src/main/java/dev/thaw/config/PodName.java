package dev.thaw.config;

/** The name people use for a pod, such as {@code orders-0}; never reused within a run. */
public record PodName(String value) {
  @Override
  public String toString() {
    return value;
  }
}
