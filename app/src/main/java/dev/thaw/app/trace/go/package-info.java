/**
 * Reads what a Go program records of itself: its execution trace and its CPU profile. The bytes
 * come from the traced program and may be anything. Pure; start at {@link
 * dev.thaw.app.trace.go.GoTrace}.
 */
@NullMarked
package dev.thaw.app.trace.go;

import org.jspecify.annotations.NullMarked;
