package dev.thaw.node;

import dev.thaw.bpf.ImageId;
import dev.thaw.bpf.KernelEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What pods' processes have become and nobody has looked at yet. A pod decides what it runs and how
 * long a look at that takes: so each control group has its turn, and looks for it take a quarter of
 * a second at once and then a tenth of the time. Its newest image comes first: what a start's
 * wrapper has become counts, not what it ran on the way. Times are nanoseconds of any clock. One
 * thread.
 */
final class Looks {
  /** An image waits once for its group; where there are more, the oldest gives way. */
  private static final int WAITING = 32;

  private static final long SHARE = 10;
  private static final long AT_ONCE = 250_000_000L * SHARE;

  /** What the shortest look counts as: it also costs us messages. */
  private static final long LEAST = 2_000_000L;

  private final Map<ProcessIndex.Group, Waiting> groups = new LinkedHashMap<>();

  private static final class Waiting {
    private final Deque<KernelEvent.Exec> newestFirst = new ArrayDeque<>();
    private long paidUntil;

    Waiting(long now) {
      this.paidUntil = now;
    }

    void add(KernelEvent.Exec exec) {
      ImageId image = exec.image();
      newestFirst.removeIf(other -> other.image().equals(image));
      newestFirst.addFirst(exec);
      if (newestFirst.size() > WAITING) {
        newestFirst.removeLast();
      }
    }

    long dueAt() {
      return paidUntil - AT_ONCE;
    }
  }

  void add(KernelEvent.Exec exec, long now) {
    groups.computeIfAbsent(group(exec), unused -> new Waiting(now)).add(exec);
  }

  private static ProcessIndex.Group group(KernelEvent.Exec exec) {
    return new ProcessIndex.Group(exec.cgroupId(), exec.cgroupV1Id());
  }

  /**
   * The next to look at, which waits no more; empty while every group that waits has had enough.
   */
  Optional<KernelEvent.Exec> next(long now) {
    Iterator<Map.Entry<ProcessIndex.Group, Waiting>> entries = groups.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<ProcessIndex.Group, Waiting> entry = entries.next();
      Waiting waiting = entry.getValue();
      if (waiting.newestFirst.isEmpty() && waiting.paidUntil - now <= 0) {
        entries.remove();
      } else if (!waiting.newestFirst.isEmpty() && waiting.dueAt() - now <= 0) {
        entries.remove();
        groups.put(entry.getKey(), waiting); // behind the others
        return Optional.of(waiting.newestFirst.removeFirst());
      }
    }
    return Optional.empty();
  }

  /** A look at this has ended. */
  void took(KernelEvent.Exec exec, long nanos, long now) {
    Waiting group = groups.computeIfAbsent(group(exec), unused -> new Waiting(now));
    group.paidUntil = Math.max(group.paidUntil, now) + SHARE * Math.max(nanos, LEAST);
  }

  /** How long until there is a next; empty when nothing waits. */
  OptionalLong untilNext(long now) {
    return groups.values().stream()
        .filter(group -> !group.newestFirst.isEmpty())
        .mapToLong(group -> Math.max(0, group.dueAt() - now))
        .min();
  }
}
