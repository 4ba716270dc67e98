package dev.thaw.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * One who listens to starts. What he is too slow for is dropped and counted, and the count stands
 * where the lines are missing. {@link #push} belongs to one thread and never blocks.
 */
final class StartsSubscriber {
  /** A start has about ten lines. */
  static final int WAITING = 512;

  private final ByteChannel channel;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(WAITING);
  private final Thread writer;
  private Consumer<StartsSubscriber> gone = unused -> {};
  private long lost;

  StartsSubscriber(ByteChannel channel) {
    this.channel = channel;
    this.writer = new Thread(this::write, "thaw-starts-subscriber");
    writer.setDaemon(true);
  }

  /** Begins to write; {@code gone} is called when he has left. */
  void start(Consumer<StartsSubscriber> gone) {
    this.gone = gone;
    writer.start();
  }

  void push(String line) {
    if (lost > 0 && lines.remainingCapacity() >= 2) {
      lines.add(StartLine.lost(lost));
      lost = 0;
    }
    if (lost > 0 || !lines.offer(line)) {
      lost++;
    }
  }

  private void write() {
    try (channel) {
      while (true) {
        var bytes = ByteBuffer.wrap((lines.take() + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException | InterruptedException e) {
      gone.accept(this); // he left, or we end
    }
  }

  void close() {
    writer.interrupt();
  }
}
