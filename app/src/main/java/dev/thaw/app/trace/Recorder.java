package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Recording;
import dev.thaw.app.trace.client.Answer;
import dev.thaw.app.trace.client.Link;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fetches what a Go program records of itself once it serves, where it has {@code net/http/pprof}
 * on the traced port: a CPU profile, then an execution trace, a second each. Blocks its thread.
 */
final class Recorder {
  private static final long SECOND = 1_000_000_000;

  private final TraceSettings settings;
  private final StartBuilder builder;
  private final int number;

  Recorder(TraceSettings settings, StartBuilder builder, int number) {
    this.settings = settings;
    this.builder = builder;
    this.number = number;
  }

  void record(InetSocketAddress address, boolean tls) {
    if (fetch(address, tls, "profile?seconds=1", "go-" + number + ".pprof")) {
      fetch(address, tls, "trace?seconds=1", "go-" + number + ".trace");
    }
  }

  /** False where the program has no such page. */
  private boolean fetch(InetSocketAddress address, boolean tls, String page, String file) {
    try (Link link = Link.open(address, tls, settings.host())) {
      long asked = System.nanoTime();
      Answer answer = link.get(settings.host(), "/debug/pprof/" + page);
      boolean html =
          answer.body().length > 0 && (answer.body()[0] == '<' || answer.body()[0] == '{');
      if (answer.status() != 200 || answer.body().length == 0 || html) {
        return false;
      }
      Path written = settings.out().resolve(file);
      Files.write(written, answer.body());
      builder.recording(
          new Recording(
              file,
              builder.clock(asked),
              builder.clock(answer.lastByteNanos()),
              Math.max(0, answer.lastByteNanos() - asked - SECOND)));
      return true;
    } catch (IOException e) {
      return false; // gone, or it does not like to be recorded
    }
  }
}
