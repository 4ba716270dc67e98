package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Recording;
import dev.thaw.app.trace.client.Answer;
import dev.thaw.app.trace.client.Link;
import dev.thaw.app.trace.client.Speech;
import dev.thaw.app.trace.client.Wish;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Fetches what a Go program records of itself once it serves, where it has {@code net/http/pprof}
 * on the traced port: a CPU profile and an execution trace of the same second. Blocks its thread.
 */
final class Recorder {
  private static final long SECOND = 1_000_000_000;

  /** Whoever answers without end is not to fill the disk. */
  static final long MOST_BYTES = 256 << 20;

  private final TraceSettings settings;
  private final StartBuilder builder;
  private final int number;
  private final long most;

  Recorder(TraceSettings settings, StartBuilder builder, int number, long most) {
    this.settings = settings;
    this.builder = builder;
    this.number = number;
    this.most = most;
  }

  /** Both at once: a trace that is taken during a profile holds the profile's stacks with times. */
  void record(InetSocketAddress address, Speech speech) {
    if (speech.call().isPresent()) {
      return; // such a port has no pages
    }
    CompletableFuture<Void> profile =
        CompletableFuture.runAsync(
            () -> fetch(address, speech, "profile?seconds=1", "go-" + number + ".pprof"));
    fetch(address, speech, "trace?seconds=1", "go-" + number + ".trace");
    profile.join();
  }

  /** Leaves nothing where the program has no such page. */
  private void fetch(InetSocketAddress address, Speech speech, String page, String file) {
    Path into = settings.out().resolve(file);
    try {
      Fetched fetched = written(address, speech, "/debug/pprof/" + page, into);
      if (fetched.answer().status() == 200 && isRecording(fetched.answer().beginning())) {
        tell(file, fetched.asked(), fetched.answer());
      } else {
        Files.delete(into);
      }
    } catch (IOException e) { // gone, or it does not like to be recorded
      into.toFile().delete();
    }
  }

  private record Fetched(long asked, Answer answer) {}

  private Fetched written(InetSocketAddress address, Speech speech, String path, Path file)
      throws IOException {
    long deadline = System.nanoTime() + settings.deadline().toNanos() + SECOND;
    try (Link link =
            Link.open(address, speech, Wish.of(speech).protocols(), settings.host(), deadline);
        OutputStream into = Files.newOutputStream(file)) {
      return new Fetched(System.nanoTime(), link.fetch(settings.host(), path, into, most));
    }
  }

  private void tell(String file, long asked, Answer answer) {
    builder.recording(
        new Recording(
            file,
            builder.clock(asked),
            builder.clock(answer.lastByteNanos()),
            Math.max(0, answer.lastByteNanos() - asked - SECOND)));
    if (answer.bytes() > most) {
      builder.cut(
          "%s from %s on: it had %s"
              .formatted(file, Words.bytes(most), Words.bytes(answer.bytes())));
    }
  }

  /** Many a server answers 200 to every path. */
  private static boolean isRecording(byte[] body) {
    boolean packed = body.length > 2 && (body[0] & 0xff) == 0x1f && (body[1] & 0xff) == 0x8b;
    return packed
        || new String(body, 0, Math.min(body.length, 5), StandardCharsets.ISO_8859_1)
            .equals("go 1.");
  }
}
