package dev.thaw.config;

/** Identity of one start of a pod's process: locally {@code <boot id>:<pid>:<start ticks>}. */
public record StartId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
