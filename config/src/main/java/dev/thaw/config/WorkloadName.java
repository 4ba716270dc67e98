package dev.thaw.config;

/** A set of interchangeable pods behind one service; locally the policy's name. */
public record WorkloadName(String value) {
  @Override
  public String toString() {
    return value;
  }
}
