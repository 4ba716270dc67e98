package dev.thaw.config;

/** Identity of one pod for its whole life; never reused. Locally {@code <pod name>.<run id>}. */
public record PodUid(String value) {
  @Override
  public String toString() {
    return value;
  }
}
