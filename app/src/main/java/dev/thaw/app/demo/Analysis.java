package dev.thaw.app.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What follows from births and requests. Pure. */
final class Analysis {
  private static final long SECOND = 1_000_000_000L;
  private static final int FIRST = 250;

  private Analysis() {}

  /** One birth beside the users' requests of its time. */
  record Judged(
      Birth birth,
      Figures first15s,
      Figures first250,
      Figures service30s,
      Figures warm30s,
      OptionalLong firstRequestNanos) {

    Map<String, Object> toMap() {
      var map = new LinkedHashMap<String, Object>();
      map.put("first_15s", first15s.toMap());
      map.put("first_250", first250.toMap());
      map.put("service_30s", service30s.toMap());
      map.put(
          "first_request_ms",
          firstRequestNanos.isPresent()
              ? Figures.rounded((firstRequestNanos.getAsLong() - birth.execNanos()) / 1e6)
              : null);
      map.put(
          "full_share_ms",
          birth.fullShareMs().isPresent()
              ? Figures.rounded(birth.fullShareMs().getAsDouble())
              : null);
      map.put(
          "cold_window_ms",
          birth.coldWindowMs().isPresent()
              ? Figures.rounded(birth.coldWindowMs().getAsDouble())
              : null);
      var ladder = new ArrayList<Map<String, Object>>();
      birth.rungs().forEach(rung -> ladder.add(rung(rung)));
      map.put("ladder", ladder);
      map.put("marks", birth.marks());
      return map;
    }

    private static Map<String, Object> rung(Birth.RungAt rung) {
      var map = new LinkedHashMap<String, Object>();
      map.put("ms", Figures.rounded(rung.ms()));
      map.put("weight", rung.weight());
      map.put("reason", rung.reason());
      return map;
    }
  }

  /** The three views: the newborn's first 15 s and first 250 requests, the service's first 30 s. */
  static Judged judge(Birth birth, List<Request> requests) {
    List<Request> own =
        requests.stream()
            .filter(r -> r.slot() == birth.slot() && r.intendedNanos() >= birth.execNanos())
            .filter(r -> r.intendedNanos() < birth.execNanos() + 45 * SECOND)
            .toList();
    OptionalLong first = own.stream().mapToLong(Request::intendedNanos).findFirst();
    long begin = first.orElse(Long.MAX_VALUE - 15 * SECOND);
    List<Request> service = between(requests, birth.execNanos(), 30 * SECOND);
    return new Judged(
        birth,
        Figures.of(between(own, begin, 15 * SECOND)),
        Figures.of(own.stream().limit(FIRST).toList()),
        Figures.of(service),
        Figures.of(
            service.stream().filter(r -> r.slot() != birth.slot() && r.slot() >= 0).toList()),
        first);
  }

  /** A faulty build: who was hurt in the fixed 15 s from its exec. */
  static Map<String, Object> faulty(Birth birth, List<Request> requests) {
    List<Request> service = between(requests, birth.execNanos(), 15 * SECOND);
    List<Request> own =
        service.stream().filter(r -> r.slot() == birth.slot() || r.slot() < 0).toList();
    var map = new LinkedHashMap<String, Object>();
    boolean caught = !birth.rolledBack().isEmpty() || !birth.held().isEmpty();
    map.put("rolled_back", caught);
    map.put("highest_weight", birth.highestWeight());
    map.put("caught_by", caughtBy(birth));
    map.put("user_errors", own.stream().filter(Request::failed).count());
    map.put("user_slow", own.stream().filter(Request::slow).count());
    map.put("requests", service.size());
    return map;
  }

  private static @org.jspecify.annotations.Nullable String caughtBy(Birth birth) {
    if (!birth.held().isEmpty()) {
      return "warm-up";
    } else if (!birth.rolledBack().isEmpty()) {
      return birth.rolledBack().get(0) + " at " + birth.highestWeight() + " %";
    }
    return null;
  }

  static List<Request> between(List<Request> requests, long from, long length) {
    return requests.stream()
        .filter(r -> r.intendedNanos() >= from && r.intendedNanos() - from < length)
        .toList();
  }

  /** What the demo claims of scene 1; empty when all of it holds. */
  static Verdict births(Map<Birth.Regime, Judged> regimes) {
    var failed = new ArrayList<String>();
    var open = new ArrayList<String>();
    Judged listen = regimes.get(Birth.Regime.LISTEN);
    Judged thaw = regimes.get(Birth.Regime.THAW);
    if (listen == null || thaw == null) {
      return new Verdict(List.of(), List.of("scene 1 was not run whole"));
    }
    double cold = listen.birth().coldWindowMs().orElse(0);
    if (cold < 1_500 || listen.first15s().requests() < 100 || thaw.first15s().requests() < 100) {
      open.add(
          "no ratio: the cold window is %.0f ms and n is %d and %d (needed: 1500 ms, 100)"
              .formatted(cold, listen.first15s().requests(), thaw.first15s().requests()));
    } else {
      double ratio = thaw.first15s().p95() / listen.first15s().p95();
      if (!(ratio <= 0.10)) {
        failed.add(
            "P95 of the newborn's first 15 s is %.3f of the listen regime's (claimed: 0.10)"
                .formatted(ratio));
      }
    }
    if (thaw.first15s().errorRatio() > thaw.warm30s().errorRatio()) {
      failed.add("the newborn under Thaw gave more errors than its warm peers");
    }
    double best =
        regimes.values().stream()
            .filter(each -> each != thaw)
            .mapToDouble(each -> each.service30s().p95())
            .min()
            .orElse(Double.NaN);
    if (thaw.service30s().p95() > 1.1 * best + 1) {
      failed.add(
          "the service's P95 under Thaw is %.1f ms, the best other regime's %.1f ms (claimed: not worse)"
              .formatted(thaw.service30s().p95(), best));
    }
    return new Verdict(failed, open);
  }

  /** What did not hold, and what could not be decided. */
  record Verdict(List<String> failed, List<String> open) {
    Verdict {
      failed = List.copyOf(failed);
      open = List.copyOf(open);
    }

    Verdict and(Verdict other) {
      var allFailed = new ArrayList<>(failed);
      allFailed.addAll(other.failed());
      var allOpen = new ArrayList<>(open);
      allOpen.addAll(other.open());
      return new Verdict(allFailed, allOpen);
    }

    String word() {
      return !failed.isEmpty() ? "failed" : open.isEmpty() ? "held" : "inconclusive";
    }

    int exitCode() {
      return !failed.isEmpty() ? 1 : open.isEmpty() ? 0 : 3;
    }
  }
}
