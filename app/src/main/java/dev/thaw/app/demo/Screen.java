package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What people see while the demo runs: lines that stay, and below them a line per replica that is
 * drawn anew. Without a terminal only replicas on their way are shown, now and then. Any thread.
 */
final class Screen {
  private static final String UP_AND_CLEAR = "\033[%dA\033[J";

  private final PrintStream out;
  private final boolean terminal;
  private List<String> drawn = List.of();

  Screen(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  boolean terminal() {
    return terminal;
  }

  /** A line that stays. */
  synchronized void say(String line) {
    erase();
    out.println(line);
    draw();
  }

  /** The workload as it is now. */
  synchronized void show(JsonNode workload) {
    var lines = new ArrayList<String>();
    for (JsonNode pod : workload.path("pods")) {
      if (terminal || !pod.path("state").asText().equals("full")) {
        lines.add(line(pod));
      }
    }
    if (terminal) {
      erase();
      drawn = lines;
      draw();
    } else {
      lines.forEach(out::println);
      out.flush();
    }
  }

  /** Nothing is drawn below any more. */
  synchronized void still() {
    erase();
    drawn = List.of();
    out.flush();
  }

  private void erase() {
    if (!drawn.isEmpty()) {
      out.printf(UP_AND_CLEAR, drawn.size());
    }
  }

  private void draw() {
    drawn.forEach(out::println);
    out.flush();
  }

  /** Name, stage, weight wanted and observed, time since exec. */
  static String line(JsonNode pod) {
    return String.format(
        Locale.ROOT,
        "    %-14s %-10s wanted %3d %%  observed %6s  %8s since exec",
        pod.path("name").asText(),
        pod.path("state").asText(),
        pod.path("weight").asInt(),
        pod.path("observed_percent").isNumber()
            ? Figures.text(pod.path("observed_percent").asDouble()) + " %"
            : "-",
        pod.path("since_exec_ms").isNumber()
            ? Figures.text(pod.path("since_exec_ms").asDouble() / 1e3) + " s"
            : "-");
  }
}
