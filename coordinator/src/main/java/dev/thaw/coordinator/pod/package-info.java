/**
 * One pod's life as its node reports it. The core is pure; start at {@link
 * dev.thaw.coordinator.pod.PodCore}.
 */
@NullMarked
package dev.thaw.coordinator.pod;

import org.jspecify.annotations.NullMarked;
