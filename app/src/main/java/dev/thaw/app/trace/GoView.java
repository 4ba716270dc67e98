package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Recording;
import dev.thaw.app.trace.Start.Sample;
import dev.thaw.app.trace.go.GoProfile;
import dev.thaw.app.trace.go.GoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a Go program recorded of itself, on a start's time axis: nanoseconds since exec.
 *
 * @param stacks distinct stacks of its CPU profiler, outermost frame first
 * @param placed the profiler's sights whose times the execution trace knows
 * @param seen the same sights as the profile has them, without times
 * @param periodNanos processor time that one sight stands for
 * @param spans states of goroutines and of the collector
 * @param words what is known of it, and how exactly, for people
 */
record GoView(
    List<List<String>> stacks,
    List<Sample> placed,
    List<Sample> seen,
    long periodNanos,
    List<GoTrace.Span> spans,
    List<String> words) {
  private static final long MOST_BYTES = 32 << 20;
  private static final int MOST_SIGHTS = 200_000;

  static final GoView NONE = new GoView(List.of(), List.of(), List.of(), 0, List.of(), List.of());

  /** Reads what was recorded of a start into this folder; what cannot be read is said. */
  static GoView read(Path folder, Start start) {
    var reader = new Reader(start);
    for (Recording recording : start.recordings()) {
      try {
        Path file = folder.resolve(recording.file());
        if (Files.size(file) > MOST_BYTES) {
          throw new IOException("it is larger than " + Words.bytes(MOST_BYTES));
        } else if (recording.file().endsWith(".trace")) {
          reader.trace(recording, GoTrace.read(Files.readAllBytes(file)));
        } else {
          reader.profile(recording, GoProfile.read(Files.readAllBytes(file)));
        }
      } catch (IOException | GoTrace.Unreadable e) {
        reader.words.add(recording.file() + " is kept, but not drawn: " + e.getMessage());
      }
    }
    return reader.view();
  }

  private static final class Reader {
    private final Start start;
    private final List<List<String>> stacks = new ArrayList<>();
    private final Map<List<String>, Integer> indexes = new HashMap<>();
    private final List<Sample> placed = new ArrayList<>();
    private final List<Sample> seen = new ArrayList<>();
    private final List<GoTrace.Span> spans = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private long period;

    Reader(Start start) {
      this.start = start;
    }

    void trace(Recording recording, GoTrace trace) {
      for (GoTrace.Sample each : trace.samples()) {
        placed.add(sample(each.atNanos() - start.zero(), each.stack()));
      }
      for (GoTrace.Span each : trace.spans()) {
        spans.add(
            new GoTrace.Span(
                each.name(), each.fromNanos() - start.zero(), each.toNanos() - start.zero()));
      }
      words.add(
          "Go's execution trace (%s) is placed within %s: %s%s"
              .formatted(
                  recording.file(),
                  Words.small(trace.errorNanos()),
                  trace.clock(),
                  trace.left() == 0 ? "" : "; its last " + trace.left() + " events are left out"));
      words.add(
          "In that second%s the collector was at work %d times, for %s, and the world was stopped %d times, for %s"
              .formatted(
                  trace.processors() == 0 ? "" : " GOMAXPROCS was " + trace.processors() + ",",
                  count(GoTrace.GC),
                  Words.millis(total(GoTrace.GC)),
                  count(GoTrace.STW),
                  Words.millis(total(GoTrace.STW))));
    }

    private long count(String name) {
      return spans.stream().filter(span -> span.name().equals(name)).count();
    }

    private long total(String name) {
      return spans.stream()
          .filter(span -> span.name().equals(name))
          .mapToLong(span -> span.toNanos() - span.fromNanos())
          .sum();
    }

    void profile(Recording recording, GoProfile profile) {
      period = profile.periodNanos();
      for (int i = 0; i < profile.stacks().size(); i++) {
        for (long n = 0; n < profile.counts().get(i) && seen.size() < MOST_SIGHTS; n++) {
          seen.add(sample(recording.from(), profile.stacks().get(i)));
        }
      }
    }

    private Sample sample(long at, List<String> stack) {
      int index =
          indexes.computeIfAbsent(
              stack,
              unknown -> {
                stacks.add(unknown);
                return stacks.size() - 1;
              });
      return new Sample(at, 0, index, false);
    }

    GoView view() {
      if (!seen.isEmpty()) {
        words.add(
            "Go's CPU profile holds %d stacks of %s each; it does not know when they were, the execution trace knows it of %d"
                .formatted(seen.size(), Words.millis(period), placed.size()));
      }
      return new GoView(stacks, placed, seen, period == 0 ? 10_000_000 : period, spans, words);
    }
  }
}
