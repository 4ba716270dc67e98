package dev.thaw.coordinator.gate;

/**
 * Raw sums of one scrape of one start; counters, never rates.
 *
 * @param timed requests the histogram has seen
 * @param within of those, no slower than the policy's bound
 */
public record Counters(double requests, double errors, double timed, double within) {}
