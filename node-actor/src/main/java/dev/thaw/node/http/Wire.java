package dev.thaw.node.http;

/** How bytes are wrapped on the way to a pod. */
public enum Wire {
  /** HTTP/2 without TLS, by prior knowledge. */
  H2C,
  /** HTTP/1.1 without TLS. */
  HTTP1,
  /** TLS; ALPN decides between HTTP/2 and HTTP/1.1. */
  TLS
}
