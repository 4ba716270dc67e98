/**
 * One node: watches the kernel, runs local processes, probes and warms pods, keeps the in-kernel
 * table. Decides nothing; start at {@link dev.thaw.node.NodeRuntime}.
 */
@NullMarked
package dev.thaw.node;

import org.jspecify.annotations.NullMarked;
