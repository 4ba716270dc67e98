/**
 * The one client of a traced start: plain sockets, so that every part of a connection has its own
 * time. Start at {@link dev.thaw.app.trace.client.Link}.
 */
@NullMarked
package dev.thaw.app.trace.client;

import org.jspecify.annotations.NullMarked;
