package dev.thaw.node.http;

/** A whole answer; the body is cut at the size the caller allows. */
public record Reply(int status, String body) {}
