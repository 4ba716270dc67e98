package dev.thaw.coordinator.workload;

import dev.thaw.config.StartId;
import dev.thaw.coordinator.gate.Counters;

/**
 * A scrape that can be used.
 *
 * @param arrived when it reached the writer, on the writer's monotonic clock
 * @param atNanos when it was asked, on the node's
 */
public record Sample(StartId start, long arrived, long atNanos, Counters counters) {}
