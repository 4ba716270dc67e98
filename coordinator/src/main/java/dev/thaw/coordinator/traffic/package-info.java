/**
 * What carries weights to users' connections. Start at {@link
 * dev.thaw.coordinator.traffic.KernelPlane}.
 */
@NullMarked
package dev.thaw.coordinator.traffic;

import org.jspecify.annotations.NullMarked;
