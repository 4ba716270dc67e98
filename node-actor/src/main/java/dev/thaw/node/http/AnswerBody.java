package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One answer's body: kept as text for who reads it, else only counted. Event loop only. */
final class AnswerBody {
  /** A metrics page may be large; more than this is no page. */
  static final int LARGEST = 4 * 1024 * 1024;

  private final boolean kept;
  private long size;
  private @Nullable ByteArrayOutputStream whole;

  AnswerBody(boolean kept) {
    this.kept = kept;
  }

  /** A further piece, which stays the caller's; false when that is more than an answer may be. */
  boolean add(ByteBuf bytes) {
    size += bytes.readableBytes();
    if (size > LARGEST) {
      return false;
    }
    if (kept && bytes.isReadable()) {
      ByteArrayOutputStream before = whole;
      if (before == null) {
        before = new ByteArrayOutputStream(bytes.readableBytes());
        whole = before;
      }
      before.writeBytes(ByteBufUtil.getBytes(bytes));
    }
    return true;
  }

  /** Empty where nothing was kept. */
  String text() {
    ByteArrayOutputStream all = whole;
    return all == null ? "" : all.toString(StandardCharsets.UTF_8);
  }

  static Failure oversized(Target target) {
    return Failures.failure(
        Failure.Kind.OVERSIZED, target, "sent a body over " + LARGEST + " bytes");
  }
}
