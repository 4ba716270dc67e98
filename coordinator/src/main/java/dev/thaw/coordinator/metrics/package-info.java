/**
 * What Prometheus is told. Decides nothing and reads nothing back; start at {@link
 * dev.thaw.coordinator.metrics.Metrics}.
 */
@NullMarked
package dev.thaw.coordinator.metrics;

import org.jspecify.annotations.NullMarked;
