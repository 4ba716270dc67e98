package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One replica's start under one regime, as observed.
 *
 * @param slot its place in the kernel's table
 * @param execNanos CLOCK_MONOTONIC of its exec
 * @param marks milliseconds since exec by event: runtime_main, listen, confirmed ...
 * @param rungs what it was given and when, milliseconds since exec
 * @param back what its evidence took away, in order
 * @param held why it was never let in, such as {@code WarmupFailed}; empty when it was
 * @param coldWindowMs from its first order to the end of its catalogue's load, by its own word
 */
record Birth(
    Regime regime,
    int slot,
    long execNanos,
    Map<String, Double> marks,
    List<RungAt> rungs,
    List<Back> back,
    String held,
    OptionalDouble coldWindowMs) {

  /** A weight and when it was given. */
  record RungAt(double ms, int weight, String reason) {}

  /** The weight at which evidence spoke against it, and what it said. */
  record Back(int weight, String reason) {}

  /** An event of the newborn and its CLOCK_MONOTONIC. */
  record Seen(JsonNode event, long nanos) {}

  /** How a newborn is let in. */
  enum Regime {
    LISTEN("full share at LISTEN"),
    READINESS_PROBE("full share at readiness poll"),
    THAW_NO_WARMUP("Thaw, no warm-up requests"),
    THAW("Thaw");

    private final String title;

    Regime(String title) {
      this.title = title;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    String title() {
      return title;
    }

    boolean warmsUp() {
      return this == THAW;
    }

    /** An operator's promotion stands in for what lets pods in without Thaw. */
    boolean promoted() {
      return this == LISTEN || this == READINESS_PROBE;
    }
  }

  /** What follows from the newborn's events, in their order. */
  static Birth read(
      Regime regime, int slot, long exec, List<Seen> events, OptionalDouble coldWindowMs) {
    var marks = new LinkedHashMap<String, Double>();
    var rungs = new ArrayList<RungAt>();
    var back = new ArrayList<Back>();
    String held = "";
    for (Seen seen : events) {
      JsonNode event = seen.event();
      double ms =
          event.path("since_exec_ms").isNumber()
              ? event.path("since_exec_ms").asDouble()
              : (seen.nanos() - exec) / 1e6;
      String reason = event.path("reason").asText();
      switch (event.path("event").asText()) {
        case "rung" -> rungs.add(new RungAt(ms, event.path("weight").asInt(), reason));
        case "rolled_back" -> {
          back.add(new Back(event.path("from").asInt(), reason));
          rungs.add(new RungAt(ms, event.path("to").asInt(), reason));
        }
        case "ejected" -> {
          back.add(new Back(rungs.isEmpty() ? 0 : rungs.get(rungs.size() - 1).weight(), reason));
          rungs.add(new RungAt(ms, 0, reason));
        }
        case "held" -> held = reason;
        case "exec" -> {} // of its wrappers, before its own
        default -> marks.putIfAbsent(event.path("event").asText(), Figures.rounded(ms));
      }
    }
    return new Birth(regime, slot, exec, marks, rungs, back, held, coldWindowMs);
  }

  int highestWeight() {
    return rungs.stream().mapToInt(RungAt::weight).max().orElse(0);
  }

  OptionalDouble fullShareMs() {
    return rungs.stream().filter(rung -> rung.weight() == 100).mapToDouble(RungAt::ms).findFirst();
  }

  boolean caught() {
    return !held.isEmpty() || !back.isEmpty();
  }

  /** Where evidence stopped it: warm-up requests, or the highest weight it was sent back from. */
  Optional<String> caughtBy() {
    return held.isEmpty()
        ? back.stream()
            .max(Comparator.comparingInt(Back::weight))
            .map(each -> "at %d %%: %s".formatted(each.weight(), each.reason()))
        : Optional.of("warm-up");
  }

  /** Until when it had the weight of this rung, milliseconds since exec. */
  double until(int rung) {
    return rung + 1 < rungs.size() ? rungs.get(rung + 1).ms() : Double.POSITIVE_INFINITY;
  }
}
