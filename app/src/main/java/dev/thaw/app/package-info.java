/**
 * The program: command line, state folders, and the wiring of one coordinator and one node. Start
 * at {@link dev.thaw.app.Main}.
 */
@NullMarked
package dev.thaw.app;

import org.jspecify.annotations.NullMarked;
