package dev.thaw.persistence;

/**
 * Everything that reaches a journal: written as CBOR with a version, read by every later release.
 */
public interface Stored {}
