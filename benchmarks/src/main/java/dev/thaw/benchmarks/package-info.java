/**
 * The runs behind every figure Thaw quotes. They drive the program from outside, as a user would;
 * start at {@link Figures}.
 */
@NullMarked
package dev.thaw.benchmarks;

import org.jspecify.annotations.NullMarked;
