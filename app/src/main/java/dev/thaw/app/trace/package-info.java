/**
 * Explains a start: runs a command cold, watches it from exec to a warm plateau and says where the
 * time went. What is decided from the facts is pure. Start at {@link
 * dev.thaw.app.trace.TraceCommand}.
 */
@NullMarked
package dev.thaw.app.trace;

import org.jspecify.annotations.NullMarked;
