package dev.thaw.node;

import dev.thaw.bpf.ImageMarks;
import dev.thaw.bpf.KernelEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where a node hears of starts. {@link #read} and {@link #lost} belong to one thread, what says so
 * to any, also while and after it is closed, the others to one other.
 */
interface SignalSource extends AutoCloseable {

  /** Says that somebody listens, then hands on what comes within this time. */
  void read(Duration atMost, Consumer<KernelEvent> sink);

  /** How many events have found no room, since there is a record. */
  long lost();

  /**
   * Tells of this group's processes from now on.
   *
   * @throws dev.thaw.bpf.BpfException when there are too many
   */
  void watch(ProcessIndex.Group group);

  void unwatch(ProcessIndex.Group group);

  /** What is remembered of a group's living processes. */
  List<KernelEvent> recall(ProcessIndex.Group group);

  /** What is remembered of those of a group that have ended. */
  List<KernelEvent> recallEnded(ProcessIndex.Group group);

  /** Marks a file for its next start. Any thread; may wait for its file system. */
  ImageMarks mark(Path image);

  /** Marks what a process became, for the next start of that. As the other. */
  ImageMarks mark(KernelEvent.Exec exec);

  /** Takes the marks off files that have become other programs. Any thread; may wait as well. */
  void dropChanged();

  /** Lets a process go on that waits at its exec. False when the kernel had let it go before. */
  boolean goOn(KernelEvent.Exec stop);

  /** Nothing is to be heard by a successor either. Once it is closed. */
  void unpin();

  /** Not while it is being read. */
  @Override
  void close();
}
