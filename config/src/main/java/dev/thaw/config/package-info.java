/**
 * What an operator can say: policies, settings and identifiers. No I/O; start at {@link
 * WarmupPolicy}.
 */
@NullMarked
package dev.thaw.config;

import org.jspecify.annotations.NullMarked;
