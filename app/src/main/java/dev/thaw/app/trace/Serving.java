package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Call;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Whether a server that has answered 200 once goes on doing so. Pure. */
final class Serving {

  private Serving() {}

  /** It ended, or most of its later answers are no 200: its figures are no warm server's. */
  static boolean stopped(Start start) {
    List<Call> later = later(start);
    return !start.end().isEmpty() || 2 * failed(later).size() > later.size();
  }

  /** What went wrong after the first 200; empty when nothing did. */
  static Optional<String> sentence(Start start) {
    if (start.at(Start.FIRST_200).isEmpty()) {
      return Optional.empty();
    }
    List<Call> later = later(start);
    List<Call> failed = failed(later);
    String ended = start.end().isEmpty() ? "" : "It did not go on serving: " + start.end() + ". ";
    Map<Integer, Long> statuses =
        failed.stream()
            .collect(Collectors.groupingBy(Call::status, TreeMap::new, Collectors.counting()));
    String answers =
        statuses.entrySet().stream()
            .map(
                each ->
                    "%d of %d requests answered %d"
                        .formatted(each.getValue(), later.size(), each.getKey()))
            .collect(Collectors.joining(", "));
    String all =
        ended
            + (answers.isEmpty()
                ? ""
                : "After its first 200, " + answers + "; the plateau is looked for in the others.");
    return all.isEmpty() ? Optional.empty() : Optional.of(all.strip());
  }

  private static List<Call> failed(List<Call> calls) {
    return calls.stream().filter(call -> call.status() != 200).toList();
  }

  private static List<Call> later(Start start) {
    long first = start.at(Start.FIRST_200).orElse(Long.MAX_VALUE);
    return start.calls().stream().filter(call -> call.at() >= first).toList();
  }
}
