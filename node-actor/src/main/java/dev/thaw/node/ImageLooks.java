package dev.thaw.node;

import dev.thaw.bpf.ImageMarks;
import dev.thaw.bpf.KernelEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has images looked at and marked, for {@link KernelWatch}. A look takes up to a second, and on a
 * file system that does not answer it does not end: each kind has threads of its own and waits for
 * its own kind only. What fails is told as degraded, and is no marks.
 */
final class ImageLooks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageLooks.class);
  private static final String CANNOT = "an image cannot be looked at: ";
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final SignalSource source;
  private final KernelWatch.Listener listener;
  private final LookThreads starts = new LookThreads("thaw-looks-starts", 2, PATIENCE);
  private final LookThreads stopped = new LookThreads("thaw-looks-stopped", 1, PATIENCE);
  private final Looker looker;
  private final MarkChecks checks;

  /** {@code source} is closed by another, and after this. */
  ImageLooks(SignalSource source, KernelWatch.Listener listener) {
    this.source = source;
    this.listener = listener;
    this.looker = Looker.start(this::lookAtWhatBecame);
    this.checks = MarkChecks.start(this::check);
  }

  /** Of what is about to start, or may again. Ended, or failed when nobody is to wait longer. */
  CompletableFuture<Void> start(Path image) {
    return heard(starts.run(() -> look(image.toString(), () -> source.mark(image))));
  }

  /** Of what waits at its exec. As {@link #start}. */
  CompletableFuture<Void> stopped(KernelEvent.Exec exec) {
    return heard(stopped.run(() -> look(exec)));
  }

  private CompletableFuture<Void> heard(CompletableFuture<Void> look) {
    look.whenComplete(
        (done, thrown) -> {
          if (thrown instanceof IllegalStateException) {
            listener.degraded("signals", CANNOT + Causes.sentence(thrown));
          }
        });
    return look;
  }

  /** Of what a pod's process has become, in its turn. */
  void became(KernelEvent.Exec exec) {
    looker.add(exec);
  }

  /** What cannot be marked though it should be is told for this start. */
  private void lookAtWhatBecame(KernelEvent.Exec exec) {
    ImageMarks marks = look(exec);
    if (marks.unsure()) {
      listener.happened(unmarked(exec, marks.how()));
    }
  }

  static KernelEvent.Unmarked unmarked(KernelEvent.Exec exec, String why) {
    return new KernelEvent.Unmarked(
        exec.atNanos(), exec.pid(), exec.cgroupId(), exec.cgroupV1Id(), exec.path(), why);
  }

  private ImageMarks look(KernelEvent.Exec exec) {
    return look(exec.path(), () -> source.mark(exec));
  }

  /**
   * An image is called as the kernel calls it: not every name can be a {@link Path} of this JVM.
   */
  private ImageMarks look(String image, Supplier<ImageMarks> look) {
    try {
      ImageMarks marks = look.get();
      LOG.debug("image looked at path={} marks={} how={}", image, marks.attached(), marks.how());
      return marks;
    } catch (RuntimeException e) {
      String why = CANNOT + Causes.sentence(e);
      listener.degraded("signals", why);
      return new ImageMarks(Set.of(), why, false);
    }
  }

  private void check() {
    try {
      source.dropChanged();
    } catch (RuntimeException e) {
      listener.degraded("signals", "marks cannot be taken off: " + Causes.sentence(e));
    }
  }

  /** Begins no look any more, and does not wait for those under way. */
  @Override
  public void close() {
    looker.close();
    checks.close();
    starts.close();
    stopped.close();
  }
}
