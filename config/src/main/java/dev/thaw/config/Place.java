package dev.thaw.config;

/**
 * Where something stands in a text, both from 1.
 *
 * @param shipped it stands in a default or preset, not in what the operator wrote
 */
record Place(int line, int column, boolean shipped) {}
