package dev.thaw.persistence;

/** A set of pods that climb together; a birth is a cohort of its own. */
public record CohortId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
