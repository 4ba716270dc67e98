package dev.thaw.app;

import dev.thaw.coordinator.feed.FeedEvent;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A line for people per event; JSON for scripts beside it when asked. Thread: the feed's. */
final class Progress {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
  private static final int LAST_LINES = 20;
  private static final int LAST_BYTES = 64 * 1024;

  private final PrintStream people;
  private final PrintStream scripts;
  private final boolean events;
  private final Path logs;
  private final Set<String> served = new HashSet<>();

  Progress(PrintStream people, PrintStream scripts, boolean events, Path logs) {
    this.people = people;
    this.scripts = scripts;
    this.events = events;
    this.logs = logs;
  }

  synchronized void show(FeedEvent event) {
    if (events) {
      scripts.println(event.toJson());
      scripts.flush();
    }
    people.println(line(event));
    if (event.event().equals("confirmed")) {
      served.add(event.pod());
    } else if (event.event().equals("gone") && !served.remove(event.pod())) {
      lastLines(event.pod());
    }
  }

  static String line(FeedEvent event) {
    String since =
        event.sinceExecMs().isPresent()
            ? String.format(Locale.ROOT, "%+9.3fs", event.sinceExecMs().getAsDouble() / 1e3)
            : " ".repeat(10);
    var fields = new StringBuilder();
    event
        .fields()
        .forEach(
            (key, value) -> {
              if (value != null) {
                fields.append(' ').append(key).append('=').append(value);
              }
            });
    return String.format(
            "%s %-16s %s  %s%s",
            CLOCK.format(event.at()), event.pod(), since, event.event(), fields)
        .stripTrailing();
  }

  /** What a process said before it died without having served. */
  private void lastLines(String pod) {
    Path log = logs.resolve(pod + ".log");
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - LAST_BYTES)); // a log may be of any size
      var bytes = new byte[(int) Math.min(LAST_BYTES, file.length())];
      int read = Math.max(0, file.read(bytes));
      List<String> lines = new String(bytes, 0, read, StandardCharsets.UTF_8).lines().toList();
      lines.stream()
          .skip(Math.max(0, lines.size() - LAST_LINES))
          .forEach(line -> people.println("    " + pod + "| " + line));
    } catch (IOException e) {
      people.println("    " + pod + "| its output cannot be read: " + e.getMessage());
    }
  }
}
