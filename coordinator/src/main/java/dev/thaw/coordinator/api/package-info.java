/** What operators see and say, over HTTP. Start at {@link dev.thaw.coordinator.api.AdminApi}. */
@NullMarked
package dev.thaw.coordinator.api;

import org.jspecify.annotations.NullMarked;
