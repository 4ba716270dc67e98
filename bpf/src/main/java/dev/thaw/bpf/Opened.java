package dev.thaw.bpf;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * What was opened on the way to something that owns all of it: closed again, the last first, unless
 * {@link #keep} was reached. One thread.
 */
final class Opened implements AutoCloseable {
  private final Deque<Runnable> closing = new ArrayDeque<>();

  <T> T add(T resource, Consumer<? super T> close) {
    closing.push(() -> close.accept(resource));
    return resource;
  }

  /** All of it has its owner. */
  void keep() {
    closing.clear();
  }

  @Override
  public void close() {
    closing.forEach(Runnable::run);
  }
}
