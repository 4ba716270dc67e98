/**
 * The operating system's own things: processes by descriptor, control groups, clocks. Start at
 * {@link dev.thaw.bpf.os.Spawner}.
 */
@NullMarked
package dev.thaw.bpf.os;

import org.jspecify.annotations.NullMarked;
