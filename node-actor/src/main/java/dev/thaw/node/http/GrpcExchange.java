package dev.thaw.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A gRPC call's answer: messages with a five-byte head each, then trailers with a status. */
final class GrpcExchange implements Exchange {
  static final int HEAD = 5;
  private static final int MAX_MESSAGE = 64 * 1024;
  private static final String OK = "0";
  private static final String[] NAMES = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED"
  };

  private final Target target;
  private final GrpcObserver observer;
  private byte[] waiting = new byte[0];
  private int filled;
  private boolean answered;

  GrpcExchange(Target target, GrpcObserver observer) {
    this.target = target;
    this.observer = observer;
  }

  @Override
  public boolean headers(Http2Headers headers, boolean last) {
    CharSequence status = headers.status();
    if (status != null && !status.toString().equals("200")) {
      failed(failure(Failure.Kind.GRPC_STATUS, "answered a gRPC call with HTTP status " + status));
      return true;
    } else if (last) {
      ended(headers.get("grpc-status"), headers.get("grpc-message"));
    }
    return last;
  }

  private void ended(@Nullable CharSequence status, @Nullable CharSequence message) {
    if (status == null) {
      failed(failure(Failure.Kind.PROTOCOL_ERROR, "ended a gRPC call without a status"));
    } else if (!status.toString().equals(OK)) {
      failed(
          failure(
              Failure.Kind.GRPC_STATUS,
              "answered with gRPC status "
                  + name(status.toString())
                  + (message == null ? "" : ": " + message)));
    } else if (!answered) {
      failed(
          failure(Failure.Kind.TRAILERS_ONLY, "answered a gRPC call with trailers and no message"));
    } else {
      observer.completed();
    }
  }

  private static String name(String status) {
    int index = status.matches("[0-9]{1,2}") ? Integer.parseInt(status) : NAMES.length;
    return index < NAMES.length ? status + " " + NAMES[index] : status;
  }

  @Override
  public boolean data(ByteBuf bytes, boolean last) {
    int more = bytes.readableBytes();
    if (filled + more > MAX_MESSAGE + HEAD) {
      failed(failure(Failure.Kind.OVERSIZED, "sent a message over " + MAX_MESSAGE + " bytes"));
      return true;
    }
    if (filled + more > waiting.length) { // doubled: a message may come byte by byte
      waiting = Arrays.copyOf(waiting, Math.max(2 * waiting.length, filled + more));
    }
    bytes.getBytes(bytes.readerIndex(), waiting, filled, more);
    filled += more;
    int at = 0;
    while (filled - at >= HEAD && filled - at - HEAD >= length(waiting, at)) {
      if (waiting[at] != 0) {
        failed(failure(Failure.Kind.PROTOCOL_ERROR, "compressed a message without being asked"));
        return true;
      }
      int end = at + HEAD + length(waiting, at);
      answered = true;
      observer.message(Arrays.copyOfRange(waiting, at + HEAD, end));
      at = end;
    }
    if (at > 0) {
      System.arraycopy(waiting, at, waiting, 0, filled - at);
      filled -= at;
    }
    if (last) {
      failed(failure(Failure.Kind.PROTOCOL_ERROR, "ended a gRPC call without trailers"));
    }
    return last;
  }

  /** Of the message whose head begins here; one that claims too much never becomes whole. */
  private static int length(byte[] all, int at) {
    return Math.max(
        0,
        (all[at + 1] & 0x7f) << 24
            | (all[at + 2] & 0xff) << 16
            | (all[at + 3] & 0xff) << 8
            | all[at + 4] & 0xff);
  }

  private Failure failure(Failure.Kind kind, String sentence) {
    return Failures.failure(kind, target, sentence);
  }

  @Override
  public void failed(Failure failure) {
    observer.failed(failure);
  }
}
