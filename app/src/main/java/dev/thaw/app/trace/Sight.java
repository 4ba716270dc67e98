package dev.thaw.app.trace;

import dev.thaw.bpf.ProfileEvent;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What is seen of a running start: by the kernel's own events, or by looking again and again. Its
 * methods may be called from one other thread than the one it watches with.
 */
interface Sight extends AutoCloseable {

  /** Completes with the first port that counts, or exceptionally when the command ended first. */
  CompletableFuture<Listening> listening();

  /** A listener and when it began, CLOCK_MONOTONIC. */
  record Listening(InetSocketAddress address, long atNanos) {}

  /** The command has ended before it listened. */
  final class EndedFirst extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EndedFirst(String how) {
      super(how);
    }
  }

  /** Events up to now, in order, with times on CLOCK_MONOTONIC; ends the watch. */
  List<Seen> finish();

  /**
   * An event, and for a sample the address space it belongs to.
   *
   * @param space for {@link dev.thaw.bpf.Symboliser#stack}
   */
  record Seen(ProfileEvent event, int space) {}

  /** What it could not see. */
  List<String> lost();

  @Override
  void close();
}
