/**
 * What was decided: events, the states they fold into, their stored bytes. Start at {@link
 * WorkloadEvent}.
 */
@NullMarked
package dev.thaw.persistence;

import org.jspecify.annotations.NullMarked;
