/**
 * What evidence says about a climbing pod. Knows nothing of traffic or time; start at {@link
 * dev.thaw.coordinator.gate.Judge}.
 */
@NullMarked
package dev.thaw.coordinator.gate;

import org.jspecify.annotations.NullMarked;
