/**
 * What is said to a node and how it is heard: policies and tables in a node's words, and the link.
 * Knows nothing of who decides; start at {@link dev.thaw.coordinator.node.NodeGateway}.
 */
@NullMarked
package dev.thaw.coordinator.node;

import org.jspecify.annotations.NullMarked;
