/**
 * What coordinator and node say to each other, and how it travels. Knows no actors; start at {@link
 * NodeLink}.
 */
@NullMarked
package dev.thaw.protocol;

import org.jspecify.annotations.NullMarked;
