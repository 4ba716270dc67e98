package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Metrics;
import dev.thaw.config.WarmupPolicy.Series;
import java.time.Duration;
import java.util.Optional;

/**
 * What {@code spec.metrics} lets gates rely on, known even where a detail of it was refused.
 *
 * @param metrics the section as it was read, if nothing was refused
 * @param scrape pods' counters are read
 * @param prometheus queries can be asked
 * @param scrapeInterval how often counters are read
 */
record Evidence(
    Optional<Metrics> metrics,
    boolean scrape,
    boolean prometheus,
    Optional<Series> series,
    Optional<Found<Duration>> scrapeInterval) {

  /** No such section: gates see probe streaks and connect failures only. */
  static final Evidence NONE =
      new Evidence(Optional.empty(), false, false, Optional.empty(), Optional.empty());
}
