package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.PackageInit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A start as spans in a row: what came after what, and for how long. Pure. */
final class Waterfall {
  /** The way from a listener to our first packet is no part of the program's start. */
  static final String OURS = "listening, not yet asked";

  private static final int PACKAGES = 8;

  /** Packages that take less are not worth a line. */
  private static final long SHORTEST_PACKAGE = 200_000;

  /** The time in which Thaw's own connect is to come after the listen. */
  private static final long AT_ONCE = 1_000_000;

  private final Start start;
  private final List<Span> spans = new ArrayList<>();

  /**
   * A stretch of the start.
   *
   * @param depth 0, or 1 for a part of the span before it
   * @param note more about it, or empty
   */
  record Span(String name, int depth, long from, long to, String note) {
    long duration() {
      return to - from;
    }

    /** Whether it is passed and does not last. */
    boolean isMoment() {
      return depth == 1 && from == to;
    }
  }

  private Waterfall(Start start) {
    this.start = start;
  }

  /** In order of time; parts after their whole. */
  static List<Span> of(Start start) {
    var waterfall = new Waterfall(start);
    waterfall.untilMain();
    waterfall.untilServing();
    return List.copyOf(waterfall.spans);
  }

  private void untilMain() {
    long exec = lastExec();
    if (exec > 0) {
      add("wrappers", 0, 0, exec, "until the last exec before it listened");
    }
    OptionalLong entry = at("entry", exec);
    OptionalLong scheduler = at("runtime.schedinit", exec);
    OptionalLong runtimeMain = at("runtime.main", exec);
    OptionalLong main = mainEntry(exec);
    if (entry.isPresent()) {
      add(
          "exec and loading",
          0,
          exec,
          entry.getAsLong(),
          "kernel and dynamic linker, to the first instruction");
    }
    if (runtimeMain.isPresent()) {
      long before = entry.orElse(exec);
      long from = scheduler.orElse(before);
      if (scheduler.isPresent()) {
        add("before Go's scheduler", 0, before, from, "C initialisers, first thread");
      }
      add("Go scheduler, heap", 0, from, runtimeMain.getAsLong(), "schedinit to runtime.main");
      moment("heap (mallocinit)", at("runtime.mallocinit", exec));
      moment("GC's pace (gcinit)", at("runtime.gcinit", exec));
      OptionalLong collector = at("runtime.gcenable", exec);
      long packages = collector.orElse(runtimeMain.getAsLong());
      if (collector.isPresent()) {
        add(
            "runtime packages",
            0,
            runtimeMain.getAsLong(),
            packages,
            "until the garbage collector is on");
      }
      if (main.isPresent()) {
        add("package init", 0, packages, main.getAsLong(), initNote(packages, main.getAsLong()));
        packages(packages, main.getAsLong());
      }
    } else if (main.isPresent() && entry.isPresent()) {
      add("C initialisers", 0, entry.getAsLong(), main.getAsLong(), "to main");
    }
  }

  /** Its whole time is the clock's; Go counts only what lies within a package. */
  private String initNote(long from, long to) {
    var note = new StringBuilder(start.packages().size() + " packages");
    long counted =
        start.packages().stream()
            .filter(each -> each.bytes() >= 0 && each.at() >= from && each.at() <= to)
            .mapToLong(PackageInit::duration)
            .sum();
    if (counted > 0) {
      note.append("; " + Words.millis(counted) + " within them by Go's count, the rest between");
    }
    Sleeps.duringInit(start)
        .forEach((in, took) -> note.append("; asleep " + Words.millis(took) + " in " + in));
    long ready = Sleeps.readyDuringInit(start);
    if (ready > 0) {
      note.append("; ready without a processor " + Words.millis(ready));
    }
    return note.toString();
  }

  private void packages(long from, long to) {
    for (PackageInit each : PackageInits.costly(start.packages(), PACKAGES)) {
      if (each.duration() >= SHORTEST_PACKAGE && each.at() >= from && each.at() <= to) {
        add(
            "init " + each.name(),
            1,
            each.at(),
            each.at() + each.duration(),
            each.bytes() < 0
                ? ""
                : "%s, %d allocations".formatted(Words.bytes(each.bytes()), each.allocations()));
      }
    }
  }

  private void untilServing() {
    OptionalLong listen = start.at(Start.LISTEN);
    if (listen.isEmpty()) {
      return;
    }
    long exec = lastExec();
    long main = mainEntry(exec).orElse(at("entry", exec).orElse(exec));
    add(
        mainEntry(exec).isPresent() ? "main until it listens" : "until it listens",
        0,
        main,
        listen.getAsLong(),
        "");
    if (mainEntry(exec).isEmpty()) { // without steps, Go's count is all that is known of this time
      packages(main, listen.getAsLong());
    }
    start.first().ifPresent(first -> connection(first, listen.getAsLong()));
    OptionalLong ok = start.at(Start.FIRST_200);
    OptionalLong plateau = start.at(Start.PLATEAU);
    if (ok.isPresent()) {
      start
          .first()
          .filter(first -> first.status() != 200)
          .ifPresent(
              first ->
                  add(
                      "until the first 200",
                      0,
                      end(first),
                      ok.getAsLong(),
                      "first answer: " + first.status()));
      plateau.ifPresent(
          at ->
              add(
                  "warming",
                  0,
                  ok.getAsLong(),
                  at,
                  at > ok.getAsLong()
                      ? "requests until the plateau"
                      : "none: no later request was slower"));
    }
  }

  private void connection(FirstConnection first, long listen) {
    if (first.at() - listen > AT_ONCE) {
      add(OURS, 0, listen, first.at(), "Thaw's own delay: listen until our first packet");
    }
    long at = first.at();
    add("TCP", 0, at, at + first.tcp(), "");
    long answered = end(first);
    long asked = answered - first.firstByte() - first.body();
    first
        .tlsFacts()
        .ifPresent(
            tls -> {
              long hello = asked - first.tls();
              add(
                  "TLS",
                  0,
                  hello,
                  asked,
                  "%s, key %s, curve %s".formatted(tls.protocol(), tls.key(), tls.curve()));
              add(
                  "server's half",
                  1,
                  hello,
                  hello + first.serverHello(),
                  "hello to the server's first bytes");
            });
    add("first request", 0, asked, asked + first.firstByte(), "to its answer's first byte");
    if (first.body() > 0) {
      add("first answer", 0, asked + first.firstByte(), answered, "first byte to last");
    }
  }

  /** When the first answer was whole: the first call's end is on the same clock. */
  private long end(FirstConnection first) {
    return start.calls().isEmpty()
        ? first.at() + first.tcp() + first.tls() + first.firstByte() + first.body()
        : start.calls().get(0).at() + start.calls().get(0).latency();
  }

  /** A shell's script becomes the server by one more exec. */
  private long lastExec() {
    long listen = start.at(Start.LISTEN).orElse(Long.MAX_VALUE);
    return start.steps().stream()
        .filter(step -> step.name().startsWith(Start.EXEC) && step.at() <= listen)
        .mapToLong(Start.Step::at)
        .max()
        .orElse(0);
  }

  private OptionalLong mainEntry(long exec) {
    OptionalLong go = at("main.main", exec);
    return go.isPresent() ? go : at("main", exec);
  }

  private OptionalLong at(String name, long notBefore) {
    return start.steps().stream()
        .filter(step -> step.name().equals(name) && step.at() >= notBefore)
        .mapToLong(Start.Step::at)
        .findFirst();
  }

  private void moment(String name, OptionalLong at) {
    at.ifPresent(moment -> add(name, 1, moment, moment, ""));
  }

  private void add(String name, int depth, long from, long to, String note) {
    spans.add(new Span(name, depth, from, Math.max(from, to), note));
  }
}
