/**
 * The demo: births, faults and a crash on this machine, measured and told. Start at {@link
 * dev.thaw.app.demo.DemoCommand}.
 */
@NullMarked
package dev.thaw.app.demo;

import org.jspecify.annotations.NullMarked;
