package dev.thaw.node;

import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.ScrapePlan;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Turns a metrics page into the sums a gate reads. Pure. */
final class Scrape {
  private static final String BOUND = "le";

  private final Selector requests;
  private final Selector errors;
  private final Selector buckets;
  private final Selector count;
  private final double slowAfter;

  /** {@code plan} has been checked by the coordinator. */
  Scrape(ScrapePlan plan) {
    requests = Selector.parse(plan.getRequestsSeries());
    errors = requests.and(plan.getErrorsSelector());
    Selector latency = Selector.parse(plan.getLatencySeries());
    buckets = latency.suffixed("_bucket");
    count = latency.suffixed("_count");
    slowAfter = plan.getSlowAfterSeconds();
  }

  /** The report without start and time. Not ok: a sentence says why. */
  CountersReport.Builder read(String text) {
    MetricsPage page;
    try {
      page = MetricsPage.parse(text);
    } catch (IllegalArgumentException e) {
      return failed("the page is not in Prometheus' text format: " + e.getMessage());
    }
    if (page.samples().stream().noneMatch(sample -> sample.name().equals(requests.name()))) {
      return failed("the page has no series " + requests.name());
    }
    double timed = sum(page, count::selects);
    var bounds = new TreeSet<Double>();
    page.samples().stream().filter(buckets::selects).forEach(sample -> bounds.add(bound(sample)));
    if (!bounds.isEmpty() && !bounds.contains(slowAfter)) {
      return failed(
              "slowAfter %s s is no bucket of %s (buckets: %s)"
                  .formatted(slowAfter, buckets.name(), bounds))
          .addAllBuckets(bounds);
    }
    return CountersReport.newBuilder()
        .setOk(true)
        .setRequests(sum(page, requests::selects))
        .setErrors(sum(page, errors::selects))
        .setLatencyCount(timed)
        .setLatencyWithin(
            sum(page, sample -> buckets.selects(sample) && bound(sample) == slowAfter));
  }

  static CountersReport.Builder failed(String why) {
    return CountersReport.newBuilder().setOk(false).setError(why);
  }

  private static double bound(MetricsPage.Sample bucket) {
    String text = bucket.labels().getOrDefault(BOUND, "NaN");
    try {
      return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static double sum(MetricsPage page, Predicate<MetricsPage.Sample> wanted) {
    return page.samples().stream().filter(wanted).mapToDouble(MetricsPage.Sample::value).sum();
  }
}
