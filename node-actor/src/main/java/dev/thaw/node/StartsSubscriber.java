package dev.thaw.node;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What waits for one who listens to starts: first all that was known when he came, then what
 * happens. What he is too slow for is dropped and counted, and the count stands where the lines are
 * missing. Any thread; never blocks.
 */
final class StartsSubscriber {
  /** Of what happens; a start has about ten lines. */
  static final int WAITING = 512;

  private final Deque<String> known = new ArrayDeque<>();
  private final Deque<String> lines = new ArrayDeque<>();
  private ByteBuffer current = ByteBuffer.allocate(0);
  private long lost;

  StartsSubscriber(List<String> known) {
    this.known.addAll(known);
  }

  synchronized void push(String line) {
    if (lost > 0 && lines.size() + 2 <= WAITING) {
      lines.add(StartLine.lost(lost));
      lost = 0;
    }
    if (lost > 0 || lines.size() == WAITING) {
      lost++;
    } else {
      lines.add(line);
    }
  }

  /** What is to be written next, from where it was left; empty when nothing waits. */
  synchronized ByteBuffer next() {
    if (!current.hasRemaining()) {
      String line = known.isEmpty() ? lines.poll() : known.poll();
      if (line != null) {
        current = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return current;
  }
}
