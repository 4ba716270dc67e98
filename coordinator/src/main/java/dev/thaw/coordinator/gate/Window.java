package dev.thaw.coordinator.gate;

/** What happened to a start's user requests since some moment. */
public sealed interface Window {

  /** Differences of raw counters. {@code slow} of {@code timed} were slower than the bound. */
  record Seen(double requests, double errors, double timed, double slow) implements Window {

    /** No request at all. */
    public static final Seen NOTHING = new Seen(0, 0, 0, 0);

    /** The same for several starts together. */
    public Seen plus(Seen other) {
      return new Seen(
          requests + other.requests, errors + other.errors, timed + other.timed, slow + other.slow);
    }

    public double errorRatio() {
      return requests > 0 ? errors / requests : 0;
    }

    public double slowShare() {
      return timed > 0 ? slow / timed : 0;
    }
  }

  /** Nothing that could be believed. */
  record Missing(String why) implements Window {}

  /** What happened between two scrapes of one start; nonsense is missing, never guessed at. */
  static Window between(Counters from, Counters to) {
    var seen =
        new Seen(
            to.requests() - from.requests(),
            to.errors() - from.errors(),
            to.timed() - from.timed(),
            (to.timed() - to.within()) - (from.timed() - from.within()));
    if (!sane(seen.requests()) || !sane(seen.errors()) || !sane(seen.timed())) {
      return new Missing("a counter went back or is no number");
    } else if (!sane(seen.slow()) || seen.slow() > seen.timed()) {
      return new Missing("the histogram contradicts itself");
    } else if (seen.errors() > seen.requests()) {
      return new Missing("more errors than requests");
    }
    return seen;
  }

  private static boolean sane(double difference) {
    return Double.isFinite(difference) && difference >= 0;
  }
}
