package dev.thaw.coordinator.workload;

import java.time.Instant;

/**
 * Now, on both clocks.
 *
 * @param nanos this machine's monotonic clock: everything that is compared
 * @param wall for people: travels in events, is compared with nothing
 */
public record Moment(long nanos, Instant wall) {}
