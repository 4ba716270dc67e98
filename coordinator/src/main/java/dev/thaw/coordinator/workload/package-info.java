/**
 * What should happen to a workload's weights. The core is pure: no Pekko, no clock; start at {@link
 * dev.thaw.coordinator.workload.WorkloadCore}.
 */
@NullMarked
package dev.thaw.coordinator.workload;

import org.jspecify.annotations.NullMarked;
