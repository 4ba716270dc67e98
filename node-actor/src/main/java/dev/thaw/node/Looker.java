package dev.thaw.node;

import dev.thaw.bpf.KernelEvent;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * The thread that looks at what pods' processes have become, one after the other as {@link Looks}
 * says. A look takes up to a second, and does not end on a file system that does not answer.
 */
final class Looker implements AutoCloseable {
  private final Looking looking;
  private final Looks looks = new Looks();
  private final Thread thread = new Thread(this::run, "thaw-looks");
  private boolean closed;

  /** Called on the looking thread; it throws nothing. */
  interface Looking {
    void look(KernelEvent.Exec exec);
  }

  private Looker(Looking looking) {
    this.looking = looking;
    thread.setDaemon(true);
  }

  /** Looks from now on. */
  static Looker start(Looking looking) {
    var looker = new Looker(looking);
    looker.thread.start();
    return looker;
  }

  /** To be looked at in its turn, or not at all when its pod asks for too much. Any thread. */
  synchronized void add(KernelEvent.Exec exec) {
    looks.add(exec, System.nanoTime());
    notifyAll();
  }

  private void run() {
    try {
      for (Optional<KernelEvent.Exec> next = next(); next.isPresent(); next = next()) {
        long began = System.nanoTime();
        looking.look(next.get());
        took(next.get(), System.nanoTime() - began);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does that but to end it
    }
  }

  private synchronized Optional<KernelEvent.Exec> next() throws InterruptedException {
    while (!closed) {
      long now = System.nanoTime();
      Optional<KernelEvent.Exec> next = looks.next(now);
      if (next.isPresent()) {
        return next;
      }
      OptionalLong wait = looks.untilNext(now);
      wait(wait.isPresent() ? TimeUnit.NANOSECONDS.toMillis(wait.getAsLong()) + 1 : 0);
    }
    return Optional.empty();
  }

  private synchronized void took(KernelEvent.Exec exec, long nanos) {
    looks.took(exec, nanos, System.nanoTime());
  }

  /** Begins no look any more, and does not wait for the one under way. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
