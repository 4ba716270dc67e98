package dev.thaw.app;

import dev.thaw.coordinator.feed.FeedEvent;
import java.io.PrintStream;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line for people per event; JSON for scripts beside it when asked. Thread: the feed's. */
final class Progress {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  /** Fields that people read in words of their own, here and in {@code thaw why}. */
  static final String LAST_LINES = "last_lines";

  static final String REQUESTED = "requested";
  static final String ON_REQUEST = " on request";

  private final PrintStream people;
  private final PrintStream scripts;
  private final boolean events;

  Progress(PrintStream people, PrintStream scripts, boolean events) {
    this.people = people;
    this.scripts = scripts;
    this.events = events;
  }

  synchronized void show(FeedEvent event) {
    if (events) {
      scripts.println(event.toJson());
      scripts.flush();
    }
    lines(event).forEach(people::println);
  }

  /** What is said to people of one event. */
  static List<String> lines(FeedEvent event) {
    String since =
        event.sinceExecMs().isPresent()
            ? String.format(Locale.ROOT, "%+9.3fs", event.sinceExecMs().getAsDouble() / 1e3)
            : " ".repeat(10);
    var said = new StringBuilder(event.event());
    var below = new ArrayList<String>();
    event
        .fields()
        .forEach(
            (key, value) -> {
              if (value instanceof List<?> lines && key.equals(LAST_LINES)) {
                lines.forEach(line -> below.add("    " + event.pod() + "| " + line));
              } else if (key.equals(REQUESTED)) {
                said.insert(event.event().length(), ON_REQUEST);
              } else if (value != null) {
                said.append(' ').append(key).append('=').append(value);
              }
            });
    below.add(
        0, String.format("%s %-16s %s  %s", CLOCK.format(event.at()), event.pod(), since, said));
    return below;
  }
}
