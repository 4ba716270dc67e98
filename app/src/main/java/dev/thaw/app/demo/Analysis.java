package dev.thaw.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What follows from births and requests. Pure. */
final class Analysis {
  /** A user later than this measures the machine, not the service; 99th percentile, ms. */
  static final double LAG_BOUND_MS = 5;

  static final int LEAST_REQUESTS = 100;
  private static final double LEAST_COLD_MS = 1_500;
  private static final long SECOND = 1_000_000_000L;
  private static final int FIRST = 250;

  private Analysis() {}

  /**
   * One birth beside the users' requests of its time.
   *
   * @param warm30s what its warm peers gave meanwhile
   * @param firstRequestNanos CLOCK_MONOTONIC of its first user
   * @param lagP99Ms how late users were within its 30 s
   * @param rungRequests how many users each of its rungs had, in the ladder's order
   * @param repeated whether an earlier one of this regime proved nothing
   */
  record Judged(
      Birth birth,
      Figures first15s,
      Figures first250,
      Figures service30s,
      Figures warm30s,
      OptionalLong firstRequestNanos,
      double lagP99Ms,
      List<Integer> rungRequests,
      boolean repeated) {

    Judged again() {
      return new Judged(
          birth,
          first15s,
          first250,
          service30s,
          warm30s,
          firstRequestNanos,
          lagP99Ms,
          rungRequests,
          true);
    }

    OptionalDouble firstRequestMs() {
      return firstRequestNanos.isPresent()
          ? OptionalDouble.of((firstRequestNanos.getAsLong() - birth.execNanos()) / 1e6)
          : OptionalDouble.empty();
    }

    /** Why nothing can be concluded from it; looks at no latency of the service. */
    Optional<String> provesNothing() {
      if (late(lagP99Ms)) {
        return Optional.of(
            "%s: the users were late, lag P99 is %.1f ms (bound: %.0f)"
                .formatted(birth.regime().key(), lagP99Ms, LAG_BOUND_MS));
      } else if (birth.regime() == Birth.Regime.LISTEN
          && birth.coldWindowMs().orElse(0) < LEAST_COLD_MS) {
        return Optional.of(
            "%s: the cold window is %.0f ms (needed: %.0f)"
                .formatted(birth.regime().key(), birth.coldWindowMs().orElse(0), LEAST_COLD_MS));
      } else if ((birth.regime() == Birth.Regime.LISTEN || birth.regime() == Birth.Regime.THAW)
          && first15s.requests() < LEAST_REQUESTS) {
        return Optional.of(
            "%s: the newborn's first 15 s had %d requests (needed: %d)"
                .formatted(birth.regime().key(), first15s.requests(), LEAST_REQUESTS));
      }
      return Optional.empty();
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
        first,
        lagP99(service),
        rungRequests(birth, own),
        false);
  }

  private static List<Integer> rungRequests(Birth birth, List<Request> own) {
    var counts = new ArrayList<Integer>();
    for (int i = 0; i < birth.rungs().size(); i++) {
      double from = birth.rungs().get(i).ms();
      double until = birth.until(i);
      counts.add(
          (int)
              own.stream()
                  .mapToDouble(r -> (r.intendedNanos() - birth.execNanos()) / 1e6)
                  .filter(ms -> ms >= from && ms < until)
                  .count());
    }
    return List.copyOf(counts);
  }

  /**
   * Who was hurt by a faulty build in the fixed 15 s from its exec.
   *
   * @param requests the service's
   * @param userErrors on the faulty build, or on nobody
   */
  record Hurt(Birth birth, int requests, int userErrors, int userSlow, double lagP99Ms) {
    boolean late() {
      return Analysis.late(lagP99Ms);
    }
  }

  static Hurt hurt(Birth birth, List<Request> requests) {
    List<Request> service = between(requests, birth.execNanos(), 15 * SECOND);
    List<Request> own =
        service.stream().filter(r -> r.slot() == birth.slot() || r.slot() < 0).toList();
    return new Hurt(
        birth,
        service.size(),
        (int) own.stream().filter(Request::failed).count(),
        (int) own.stream().filter(Request::slow).count(),
        lagP99(service));
  }

  /** 99th percentile of how late requests were sent, ms. */
  static double lagP99(List<Request> requests) {
    return Figures.rank(requests.stream().mapToDouble(Request::lagMs).sorted().toArray(), 0.99);
  }

  static boolean late(double lagP99Ms) {
    return !(lagP99Ms <= LAG_BOUND_MS);
  }

  static List<Request> between(List<Request> requests, long from, long length) {
    return requests.stream()
        .filter(r -> r.intendedNanos() >= from && r.intendedNanos() - from < length)
        .toList();
  }
}
