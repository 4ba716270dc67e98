package dev.thaw.node.http;

/** A gRPC call under way. */
public interface GrpcCall {
  /** Gives up: the server is told, the observer hears nothing more. Any thread. */
  void cancel();
}
