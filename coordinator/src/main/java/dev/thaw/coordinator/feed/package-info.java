/**
 * What happens, for people and scripts: one line per event. Start at {@link
 * dev.thaw.coordinator.feed.Feed}.
 */
@NullMarked
package dev.thaw.coordinator.feed;

import org.jspecify.annotations.NullMarked;
