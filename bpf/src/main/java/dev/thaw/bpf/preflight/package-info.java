/**
 * Judges whether a machine can do what Thaw asks of its kernel. Pure: what was found comes in as
 * {@link dev.thaw.bpf.preflight.Findings}, read by {@link dev.thaw.bpf.Machine}; start at {@link
 * dev.thaw.bpf.preflight.Preflight}.
 */
@NullMarked
package dev.thaw.bpf.preflight;

import org.jspecify.annotations.NullMarked;
