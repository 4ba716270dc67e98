package dev.thaw.app.trace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A pod's time line as stages: each ends with a milestone and is called by what it was spent on,
 * which its two ends tell together. Pure.
 */
final class ServedStages {
  /** Events between milestones that end no stage. */
  private static final Set<String> NO_MILESTONES =
      Set.of("serve", "unmarked", "degraded", "container", "held", "scaled", "listen_closed");

  private ServedStages() {}

  /**
   * @param events whose times are known, in order
   */
  static List<Waterfall.Span> of(List<JsonNode> events) {
    List<JsonNode> milestones = milestones(events);
    var spans = new ArrayList<Waterfall.Span>();
    for (int i = 0; i + 1 < milestones.size(); i++) {
      JsonNode from = milestones.get(i);
      JsonNode to = milestones.get(i + 1);
      spans.add(
          new Waterfall.Span(
              name(from, kind(to)),
              0,
              ServedStart.at(from),
              ServedStart.at(to),
              "until " + kind(to).replace('_', ' ')));
    }
    return spans;
  }

  /** Of execs at one moment, such as those of a row of wrappers, only the last is a program's. */
  private static List<JsonNode> milestones(List<JsonNode> events) {
    var milestones = new ArrayList<JsonNode>();
    for (JsonNode event : events) {
      if (NO_MILESTONES.contains(kind(event))) {
        continue;
      }
      int last = milestones.size() - 1;
      if (last >= 0
          && kind(event).equals("exec")
          && kind(milestones.get(last)).equals("exec")
          && ServedStart.at(event) == ServedStart.at(milestones.get(last))) {
        milestones.remove(last);
      }
      milestones.add(event);
    }
    return milestones;
  }

  private static String name(JsonNode from, String ended) {
    String begun = kind(from);
    if (begun.equals("rung")) {
      return "at " + from.path("weight").asText() + " % of its share";
    }
    return switch (ended) {
      case "exec" -> "wrappers";
      case "runtime_main" -> "exec and runtime";
      case "main_main" -> begun.equals("runtime_main") ? "package init" : "exec to main";
      case "listen" -> begun.equals("main_main") ? "main until it listens" : "until it listens";
      case "first_success" -> "until it answers";
      case "confirmed" -> "until its answers are confirmed";
      case "warmed" -> "warm-up requests";
      case "rung" -> "until it is let in";
      case "full" -> "until its full share";
      default -> "until " + ended.replace('_', ' ');
    };
  }

  static String kind(JsonNode event) {
    return event.path("event").asText();
  }
}
