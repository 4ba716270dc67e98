/**
 * Speaks HTTP to pods: one connection, whichever version and wrapping the pod proves to understand,
 * with requests, PINGs and gRPC calls on it. Every end is typed ({@link
 * dev.thaw.node.http.Failure}). The only place that knows Netty. Start at {@link
 * dev.thaw.node.http.Connector}.
 */
@NullMarked
package dev.thaw.node.http;

import org.jspecify.annotations.NullMarked;
