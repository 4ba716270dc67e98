package dev.thaw.app.trace;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.app.trace.Start.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The start of a pod that {@code thaw run} brought up, on the page of a trace: what the kernel, the
 * probes and the ladder told of it. Nothing is sampled in service, so it has no stacks.
 */
public final class ServedStart {
  /** A probe succeeded for the first time, whatever it asks. */
  static final String FIRST_SUCCESS = "first success";

  /** It has its full share. */
  static final String FULL = "full share";

  private ServedStart() {}

  /**
   * Writes the page.
   *
   * @param pod as the admin API tells it
   */
  public static void write(JsonNode pod, Path file) throws IOException {
    Files.writeString(file, Page.of("start", ReportFiles.json(report(pod))));
  }

  static Report report(JsonNode pod) {
    List<JsonNode> events = events(pod);
    var steps = new ArrayList<Step>();
    events.forEach(event -> steps.add(new Step(step(event.path("event").asText()), at(event))));
    Start start =
        new Start(
            0,
            steps,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            0,
            List.of(),
            List.of(),
            "",
            List.of("stacks, package init by package, and throttling: thaw trace shows them"));
    long last = events.isEmpty() ? 1 : at(events.get(events.size() - 1));
    var none = new Heat(1, 1, List.of(), List.of());
    return new Report(
        Report.VERSION,
        new Setting(
            List.of(pod.path("name").asText()),
            System.getProperty("os.version"),
            Runtime.getRuntime().availableProcessors(),
            OptionalInt.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            0,
            Optional.empty()),
        0,
        last,
        last,
        Map.of(),
        words(events),
        ServedStages.of(events),
        start,
        none,
        none,
        List.of(),
        List.of(),
        none,
        none,
        List.of(),
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** From the last exec before it listened on, in order, as far as their times are known. */
  private static List<JsonNode> events(JsonNode pod) {
    var events = new ArrayList<JsonNode>();
    pod.path("timeline")
        .forEach(
            event -> {
              if (event.path("since_exec_ms").isNumber() && at(event) >= 0) {
                events.add(event);
              }
            });
    return events;
  }

  static long at(JsonNode event) {
    return Math.round(event.path("since_exec_ms").asDouble() * 1e6);
  }

  private static String step(String event) {
    return switch (event) {
      case "runtime_main" -> "runtime.main";
      case "main_main" -> "main.main";
      case "first_success" -> FIRST_SUCCESS;
      case "full" -> FULL;
      default -> event;
    };
  }

  private static List<Advice.Item> words(List<JsonNode> events) {
    var items = new ArrayList<Advice.Item>();
    dominant(events).ifPresent(items::add);
    for (JsonNode event : events) {
      switch (event.path("event").asText()) {
        case "listen" ->
            items.add(
                new Advice.Item("It listened " + Words.millis(at(event)) + " after exec.", 0));
        case "first_success" ->
            items.add(
                new Advice.Item(
                    "Its probe succeeded first " + Words.millis(at(event)) + " after exec.", 0));
        case "warmed" -> items.add(warmed(event));
        case "full" ->
            items.add(
                new Advice.Item(
                    "It had its full share " + Words.millis(at(event)) + " after exec.", 0));
        default -> {}
      }
    }
    return items;
  }

  /** What took longest of the way to its first user. */
  private static Optional<Advice.Item> dominant(List<JsonNode> events) {
    Optional<JsonNode> letIn =
        events.stream().filter(event -> ServedStages.kind(event).equals("rung")).findFirst();
    if (letIn.isEmpty() || at(letIn.get()) == 0) {
      return Optional.empty();
    }
    long whole = at(letIn.get());
    return ServedStages.of(events).stream()
        .filter(stage -> stage.to() <= whole)
        .max(Comparator.comparingLong(Waterfall.Span::duration))
        .map(
            longest ->
                new Advice.Item(
                    "From exec to its first traffic it took %s; most of it, %s (%s), was \"%s\"."
                        .formatted(
                            Words.millis(whole),
                            Words.millis(longest.duration()),
                            Words.share((double) longest.duration() / whole),
                            longest.name()),
                    0));
  }

  private static Advice.Item warmed(JsonNode event) {
    double first = event.path("p50_first_ms").asDouble();
    double last = event.path("p50_last_ms").asDouble();
    return new Advice.Item(
        String.format(
            Locale.ROOT,
            "%d warm-up requests, %d of them failed, took the median from %.2f ms to %.2f ms: no user has paid for that.",
            event.path("sent").asLong(),
            event.path("errors").asLong(),
            first,
            last),
        0);
  }
}
