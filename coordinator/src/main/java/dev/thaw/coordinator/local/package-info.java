/**
 * Pods that are processes of this machine: which there should be and when they start again. Start
 * at {@link dev.thaw.coordinator.local.RestartPolicy}.
 */
@NullMarked
package dev.thaw.coordinator.local;

import org.jspecify.annotations.NullMarked;
