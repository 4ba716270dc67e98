package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;

/** Hears what comes on one stream, until it says that this was all. Event loop only. */
interface Exchange {
  /** A header block that is no interim answer; true when the exchange is over. */
  boolean headers(Http2Headers headers, boolean last);

  /** A piece of the body, which stays the caller's; true when the exchange is over. */
  boolean data(ByteBuf bytes, boolean last);

  /** It is over. */
  void failed(Failure failure);
}
