package dev.thaw.node;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.os.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** The thread that reads a source of signals, and says so when it has come to an end by itself. */
final class SignalReader implements AutoCloseable {
  private static final Duration READ = Duration.ofMillis(100);

  private final SignalSource source;
  private final Listener listener;
  private final Thread thread;
  private final Queue<CompletableFuture<Void>> waiting = new ConcurrentLinkedQueue<>();
  private volatile boolean reading = true;

  /** Called on the reading thread: must only hand on. */
  interface Listener {
    void happened(KernelEvent event);

    /** So many events, more than were told before, found no room. */
    void lost(long count);

    /** It reads no more. */
    void ended(SignalReader reader, Throwable why);
  }

  private SignalReader(SignalSource source, Listener listener) {
    this.source = source;
    this.listener = listener;
    this.thread = new Thread(this::read, "thaw-kernel-events");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((ended, why) -> listener.ended(this, why));
  }

  /** Reads from now on. */
  static SignalReader start(SignalSource source, Listener listener) {
    var reader = new SignalReader(source, listener);
    reader.thread.start();
    return reader;
  }

  private void read() {
    Consumer<KernelEvent> sink = listener::happened;
    long told = 0;
    while (reading) {
      List<CompletableFuture<Void>> before = new ArrayList<>();
      while (!waiting.isEmpty()) {
        before.add(waiting.remove());
      }
      source.read(before.isEmpty() ? READ : Duration.ZERO, sink);
      before.forEach(each -> each.complete(null));
      long lost = source.lost();
      if (lost > told) {
        listener.lost(lost);
        told = lost;
      }
    }
  }

  /**
   * Complete, on the reading thread, when all has been handed on that the source held by now; never
   * when it reads no more.
   */
  CompletableFuture<Void> caughtUp() {
    var caughtUp = new CompletableFuture<Void>();
    waiting.add(caughtUp);
    return caughtUp;
  }

  /** Waits for the thread, at most one read long: its source may not be closed under it. */
  @Override
  public void close() {
    reading = false;
    Threads.join(thread);
  }
}
