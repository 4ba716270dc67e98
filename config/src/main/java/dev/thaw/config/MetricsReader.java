package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Metrics;
import dev.thaw.config.WarmupPolicy.Scrape;
import dev.thaw.config.WarmupPolicy.Series;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Reads {@code spec.metrics}, which is absent by default. */
final class MetricsReader {

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);

  private MetricsReader() {}

  static Evidence read(Section said, Found<Integer> targetPort) {
    Section metrics =
        said.over(Shipped.whenPresent("metrics"))
            .onlyKeys("scrape", "prometheus", "series", "slowAfter");
    boolean scrapes = !metrics.at("scrape").isNull();
    boolean asks = !metrics.at("prometheus").isNull();
    if (!scrapes && !asks) {
      metrics.at("scrape").refuse("a section, unless there is a prometheus");
    }
    Optional<Series> series = series(metrics.at("series").section());
    var slowAfter = metrics.at("slowAfter").duration(Limits.MILLISECOND, Limits.HOUR);
    Optional<Found<Duration>> interval = Optional.empty();
    Optional<Scrape> scrape = Optional.empty();
    if (scrapes) {
      Section section = metrics.at("scrape").section().over(Shipped.whenPresent("scrape"));
      var every = section.at("interval").duration(SHORTEST_INTERVAL, Limits.HOUR);
      interval = Optional.of(every);
      scrape = scrape(section, every, targetPort);
    }
    Optional<URI> prometheus =
        asks ? prometheus(metrics.at("prometheus").section()) : Optional.empty();
    Optional<Metrics> read =
        metrics.sound()
            ? Optional.of(new Metrics(scrape, prometheus, series.orElseThrow(), slowAfter.get()))
            : Optional.empty();
    return new Evidence(read, scrapes, asks, series, interval);
  }

  private static Optional<Scrape> scrape(
      Section scrape, Found<Duration> every, Found<Integer> targetPort) {
    scrape.onlyKeys("port", "path", "interval");
    var port = scrape.has("port") ? scrape.at("port").wholeNumber(1, 65_535) : targetPort;
    var path = scrape.at("path").text(Texts::isPath, Texts.PATH);
    return scrape.sound()
        ? Optional.of(new Scrape(port.get(), path.get(), every.get()))
        : Optional.empty();
  }

  private static Optional<URI> prometheus(Section prometheus) {
    prometheus.onlyKeys("url");
    return prometheus
        .at("url")
        .text(text -> Texts.url(text).isPresent(), Texts.URL)
        .value()
        .flatMap(Texts::url);
  }

  private static Optional<Series> series(Section series) {
    series.onlyKeys("requests", "errors", "latency");
    var requests = series.at("requests").text(Texts::isSeries, Texts.SERIES);
    var errors = series.at("errors").text(Texts::isMatchers, Texts.MATCHERS);
    var latency = series.at("latency").text(Texts::isSeries, Texts.SERIES);
    return series.sound()
        ? Optional.of(new Series(requests.get(), errors.get(), latency.get()))
        : Optional.empty();
  }
}
