package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Sample;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Everything one trace found out: what {@code start.json} holds and the page draws. Times are
 * nanoseconds since exec unless a name says otherwise.
 *
 * @param version of this form; readers refuse a later one
 * @param shown which of the starts is the one drawn: the median one
 * @param until the charts end here: a little behind the plateau
 * @param recordedUntil where a Go program's own recordings end, if they do later
 * @param measures by name, one value per start
 */
record Report(
    int version,
    Setting setting,
    int shown,
    long until,
    long recordedUntil,
    Map<String, List<Long>> measures,
    List<Advice.Item> advice,
    List<Waterfall.Span> waterfall,
    Start start,
    Heat phases,
    Heat functions,
    List<Flame.Box> flame,
    List<Flame.Box> faultFlame,
    Heat goStates,
    Heat goPhases,
    List<Flame.Box> goFlame,
    double goPeriodMillis,
    List<String> goWords,
    List<Log2Histogram.Bucket> requests,
    List<Log2Histogram.Bucket> waits,
    List<Comparison.Row> comparison) {
  static final int VERSION = 1;

  /** In place of the functions of a sample that has none. */
  static final String NO_STACK = "[no stack]";

  /** Boxes narrower than this share of the whole cannot be seen. */
  private static final int NARROWEST = 1500;

  static Report of(
      Setting setting, List<Start> starts, List<Comparison.Row> comparison, GoView go) {
    Start start = Measures.median(starts);
    long entry = start.at("entry").orElse(0);
    Function<Sample, String> phase =
        sample -> Phases.of(start.stacks().get(sample.stack()), sample.at() < entry);
    long end = end(start);
    long last = start.recordings().stream().mapToLong(Start.Recording::to).reduce(end, Math::max);
    List<Sample> all =
        start.samples().stream().filter(sample -> !sample.fault() && sample.at() < last).toList();
    List<Sample> clock = all.stream().filter(sample -> sample.at() < end).toList();
    Function<Sample, String> goPhase = sample -> Phases.of(go.stacks().get(sample.stack()), false);
    List<Sample> faults = start.samples().stream().filter(Sample::fault).toList();
    return new Report(
        VERSION,
        setting,
        starts.indexOf(start),
        end,
        last,
        Measures.over(starts),
        Advice.of(start, setting, Measures.over(starts)),
        Waterfall.of(start),
        start,
        Heat.of(all, phase, setting.samplePeriod(), end, last),
        Heat.of(
            all,
            sample -> innermost(start.stacks().get(sample.stack())),
            setting.samplePeriod(),
            end,
            last),
        Flame.of(clock, start.stacks(), phase).boxes(clock.size() / NARROWEST),
        Flame.of(faults, start.stacks(), phase).boxes(faults.size() / NARROWEST),
        Heat.ofStates(go.spans(), end, last),
        Heat.of(go.placed(), goPhase, go.periodNanos(), end, last),
        Flame.of(go.seen(), go.stacks(), goPhase).boxes(go.seen().size() / NARROWEST),
        go.periodNanos() / 1e6,
        go.words(),
        Log2Histogram.of(start.calls().stream().map(Start.Call::latency).toList()),
        Log2Histogram.of(start.waits().stream().map(wait -> wait.to() - wait.from()).toList()),
        comparison);
  }

  /** What comes after the plateau, such as the program's recordings, is no part of its start. */
  private static long end(Start start) {
    long last =
        start
            .at(Start.PLATEAU)
            .orElseGet(() -> start.steps().stream().mapToLong(Start.Step::at).max().orElse(0));
    long calls =
        start.at(Start.PLATEAU).isPresent()
            ? 0
            : start.calls().stream().mapToLong(call -> call.at() + call.latency()).max().orElse(0);
    return Math.max(1, Math.max(last, calls) * 11 / 10);
  }

  private static String innermost(List<String> stack) {
    return stack.isEmpty() ? NO_STACK : stack.get(stack.size() - 1);
  }
}
