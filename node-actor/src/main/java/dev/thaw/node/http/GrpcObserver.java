package dev.thaw.node.http;

/** Hears a gRPC call's answer on the event loop: messages, then one of the other two. */
public interface GrpcObserver {
  /** One message, as protobuf's bytes. */
  void message(byte[] bytes);

  /** The server has ended the call with status OK, after at least one message. */
  void completed();

  /** It ended in another way. */
  void failed(Failure failure);
}
