package dev.thaw.node;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.ImageMarks;
import dev.thaw.bpf.KernelEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A kernel that tells what a test puts into {@link #events}, and fails when it is told to. */
final class FakeSignals implements SignalSource {
  final BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
  private final Set<ProcessIndex.Group> watched = new HashSet<>();

  /** What was asked to be looked at, as each look begins; those of a path in here never end. */
  final BlockingQueue<String> looks = new LinkedBlockingQueue<>();

  final Set<String> endless = ConcurrentHashMap.newKeySet();
  final AtomicInteger checks = new AtomicInteger();
  volatile RuntimeException lookFailure;
  volatile RuntimeException failure;
  volatile boolean full;
  volatile boolean tooLate;
  volatile boolean closed;
  volatile boolean unpinned;
  volatile long lost;

  @Override
  public void read(Duration atMost, Consumer<KernelEvent> sink) {
    RuntimeException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
    try {
      KernelEvent event = events.poll(10, TimeUnit.MILLISECONDS);
      if (event != null) {
        sink.accept(event);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public long lost() {
    return lost;
  }

  @Override
  public synchronized void watch(ProcessIndex.Group group) {
    if (full) {
      throw new BpfException("map watched cannot be written: Argument list too long (7)");
    }
    watched.add(group);
  }

  @Override
  public synchronized void unwatch(ProcessIndex.Group group) {
    watched.remove(group);
  }

  synchronized Set<ProcessIndex.Group> watched() {
    return Set.copyOf(watched);
  }

  @Override
  public List<KernelEvent> recall(ProcessIndex.Group group) {
    return List.of(new KernelEvent.Exit(1, 2, group.unifiedId(), group.v1Id(), 0));
  }

  @Override
  public List<KernelEvent> recallEnded(ProcessIndex.Group group) {
    return List.of(
        new KernelEvent.Exit(
            1, 3, group.unifiedId(), group.v1Id(), KernelEvent.Exit.UNKNOWN_STATUS));
  }

  @Override
  public ImageMarks mark(Path image) {
    return look(image.toString());
  }

  private ImageMarks look(String image) {
    looks.add(image);
    RuntimeException thrown = lookFailure;
    if (thrown != null) {
      throw thrown;
    }
    try {
      new CountDownLatch(endless.contains(image) ? 1 : 0).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new ImageMarks(Set.of(), "a test's", false);
  }

  @Override
  public ImageMarks mark(KernelEvent.Exec exec) {
    return look(exec.path());
  }

  @Override
  public void dropChanged() {
    checks.incrementAndGet();
  }

  @Override
  public boolean goOn(KernelEvent.Exec stop) {
    events.add(new KernelEvent.Exit(stop.atNanos(), stop.pid(), 0, 0, 0)); // it went on to its end
    return !tooLate;
  }

  @Override
  public void unpin() {
    unpinned = closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
