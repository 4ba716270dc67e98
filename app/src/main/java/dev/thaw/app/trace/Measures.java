package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.PackageInit;
import dev.thaw.app.trace.Start.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What one start comes down to: figures that several starts can be compared by. Pure. */
final class Measures {
  static final String LISTEN = "exec to listen";
  static final String FIRST_200 = "exec to first 200";
  static final String PLATEAU = "exec to plateau";
  static final String PACKAGES = "package init";
  static final String ASLEEP = "asleep during package init";
  static final String READY = "no processor during package init";
  static final String TLS = "first TLS handshake";
  static final String FIRST_BYTE = "first request to first byte";
  static final String CPU = "processor time to first 200";
  static final String THROTTLED = "throttled to first 200";
  static final String WARM = "a warm request";
  private static final int PACKAGES_KEPT = 12;

  private Measures() {}

  /** Nanoseconds by name, in the order of a start; what was not seen is absent. */
  static Map<String, Long> of(Start start) {
    var measures = new LinkedHashMap<String, Long>();
    put(measures, LISTEN, start.at(Start.LISTEN));
    put(measures, FIRST_200, start.at(Start.FIRST_200));
    put(measures, PLATEAU, start.at(Start.PLATEAU));
    if (!start.packages().isEmpty()) {
      measures.put(PACKAGES, packages(start));
      PackageInits.costly(start.packages(), PACKAGES_KEPT)
          .forEach(each -> measures.put(init(each.name()), each.duration()));
      if (start.at("main.main").isPresent()) {
        measures.put(
            ASLEEP, Sleeps.duringInit(start).values().stream().mapToLong(Long::longValue).sum());
        measures.put(READY, Sleeps.readyDuringInit(start));
      }
    }
    start
        .first()
        .ifPresent(
            first -> {
              if (first.tls() > 0) {
                measures.put(TLS, first.tls());
              }
              measures.put(FIRST_BYTE, first.firstByte());
            });
    start
        .at(Start.FIRST_200)
        .ifPresent(
            at -> {
              measures.put(CPU, reading(start, at).cpu());
              measures.put(THROTTLED, reading(start, at).throttled());
            });
    warm(start).ifPresent(value -> measures.put(WARM, value));
    return measures;
  }

  /** The figure of one package's init. */
  static String init(String packageName) {
    return "init of " + packageName;
  }

  /** As the waterfall draws it; what Go counts itself, where its steps were not seen. */
  private static long packages(Start start) {
    OptionalLong main = start.at("main.main");
    OptionalLong collector = start.at("runtime.gcenable");
    OptionalLong from = collector.isPresent() ? collector : start.at("runtime.main");
    return main.isPresent() && from.isPresent()
        ? main.getAsLong() - from.getAsLong()
        : start.packages().stream().mapToLong(PackageInit::duration).sum();
  }

  private static void put(Map<String, Long> into, String name, OptionalLong value) {
    value.ifPresent(known -> into.put(name, known));
  }

  /** The first reading not before this moment, or the last. */
  static Reading reading(Start start, long at) {
    List<Reading> readings = start.readings();
    return readings.stream()
        .filter(each -> each.at() >= at)
        .findFirst()
        .orElseGet(
            () ->
                readings.isEmpty()
                    ? new Reading(
                        at,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty())
                    : readings.get(readings.size() - 1));
  }

  /** The median request on the plateau. */
  static OptionalLong warm(Start start) {
    OptionalLong plateau = start.at(Start.PLATEAU);
    if (plateau.isEmpty()) {
      return plateau;
    }
    List<Long> latencies =
        start.calls().stream()
            .filter(call -> call.at() >= plateau.getAsLong() && call.status() == 200)
            .map(Start.Call::latency)
            .toList();
    return latencies.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Quantiles.of(latencies, 0.5));
  }

  /** Each figure's values over several starts, in their order. */
  static Map<String, List<Long>> over(List<Start> starts) {
    var all = new LinkedHashMap<String, List<Long>>();
    for (Start start : starts) {
      of(start)
          .forEach(
              (name, value) -> all.computeIfAbsent(name, none -> new ArrayList<>()).add(value));
    }
    return all;
  }

  /** The start in the middle: half of the others came to their first 200 sooner. */
  static Start median(List<Start> starts) {
    List<Start> sorted =
        Stream.concat(
                starts.stream()
                    .filter(start -> start.at(Start.FIRST_200).isPresent())
                    .sorted(
                        (a, b) ->
                            Long.compare(
                                a.at(Start.FIRST_200).getAsLong(),
                                b.at(Start.FIRST_200).getAsLong())),
                starts.stream().filter(start -> start.at(Start.FIRST_200).isEmpty()))
            .toList();
    long good = starts.stream().filter(start -> start.at(Start.FIRST_200).isPresent()).count();
    return sorted.get(good == 0 ? 0 : (int) (good - 1) / 2);
  }
}
