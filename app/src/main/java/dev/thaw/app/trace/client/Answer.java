package dev.thaw.app.trace.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An answer as it came in.
 *
 * @param status a gRPC call's as HTTP would say it
 * @param firstByteNanos {@link System#nanoTime} of its first byte
 * @param lastByteNanos of its last
 * @param keepsConnection whether another request may follow
 * @param grpcStatus -1 where the answer has none
 * @param bytes of its body
 * @param beginning of its body, as much as {@link Body} keeps
 */
public record Answer(
    int status,
    long firstByteNanos,
    long lastByteNanos,
    boolean keepsConnection,
    int grpcStatus,
    long bytes,
    byte[] beginning) {
  private static final int MAX_HEAD = 64 * 1024;
  private static final int PIECE = 8 * 1024;
  private static final int MAX_INTERIM = 20;
  private static final int MAX_HEADERS = 1000;
  private static final long UNTIL_THE_END = Long.MAX_VALUE;

  /** The server has no such method: what a server without health service says to its check. */
  public static final int UNIMPLEMENTED = 12;

  /** What each gRPC status is in HTTP, by number. */
  private static final int[] AS_HTTP = {
    200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401
  };

  /** What came is no answer in the protocol that was asked in. */
  public static final class NotHttp extends IOException {
    private static final long serialVersionUID = 1L;
    private final int firstByte;

    NotHttp(int firstByte, String message) {
      super(message);
      this.firstByte = firstByte;
    }

    /** -1 when the connection closed without a byte. */
    public int firstByte() {
      return firstByte;
    }
  }

  /** A gRPC call's end as HTTP would say it. */
  static int asHttp(int grpcStatus) {
    return grpcStatus >= 0 && grpcStatus < AS_HTTP.length ? AS_HTTP[grpcStatus] : 500;
  }

  /**
   * Reads one answer to a GET in HTTP/1.1, its body piece by piece.
   *
   * @throws NotHttp when the server speaks something else, or nothing
   */
  static Answer read(InputStream in, Body body) throws IOException {
    int first = in.read();
    long firstByte = System.nanoTime();
    for (int i = 0; i < MAX_INTERIM; i++) {
      Head head = head(first, in);
      if (head.status / 100 != 1) {
        body(in, head, body);
        boolean delimited =
            head.chunked || head.length >= 0 || head.status == 204 || head.status == 304;
        return new Answer(
            head.status,
            firstByte,
            System.nanoTime(),
            head.keeps && delimited,
            -1,
            body.bytes(),
            body.beginning());
      }
      first = in.read();
      firstByte = System.nanoTime();
    }
    throw new NotHttp(first, "the server sent " + MAX_INTERIM + " answers of 1xx and no other");
  }

  private record Head(int status, long length, boolean chunked, boolean keeps) {}

  private static Head head(int first, InputStream in) throws IOException {
    if (first != 'H') {
      throw new NotHttp(
          first,
          first < 0
              ? "the server closed the connection without an answer"
              : "the server does not answer in HTTP/1.1 (its first byte is " + first + ")");
    }
    String statusLine = "H" + line(in);
    String[] words = statusLine.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
      throw new NotHttp(first, "no HTTP/1.1 answer: " + shortened(statusLine));
    }
    long length = -1;
    boolean chunked = false;
    boolean keeps = words[0].equals("HTTP/1.1");
    int headers = 0;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      String name = header.substring(0, Math.max(0, colon)).strip().toLowerCase(Locale.ROOT);
      String value = header.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
      switch (name) {
        case "content-length" -> length = number(value, 10);
        case "transfer-encoding" -> chunked = value.endsWith("chunked");
        case "connection" -> keeps = keeps && !value.contains("close");
        default -> {}
      }
      if (++headers > MAX_HEADERS) {
        throw new NotHttp(first, "the answer has more than " + MAX_HEADERS + " headers");
      }
    }
    return new Head(Integer.parseInt(words[1]), length, chunked, keeps);
  }

  private static long number(String text, int radix) throws IOException {
    if (!text.matches(radix == 16 ? "[0-9a-fA-F]{1,15}" : "[0-9]{1,18}")) {
      throw new NotHttp('H', "no HTTP/1.1 answer: a length of \"" + shortened(text) + "\"");
    }
    return Long.parseLong(text, radix);
  }

  private static String shortened(String text) {
    String printable = text.replaceAll("[^ -~]", "?");
    return printable.substring(0, Math.min(80, printable.length()));
  }

  private static void body(InputStream in, Head head, Body body) throws IOException {
    if (head.status == 204 || head.status == 304) {
      return;
    } else if (head.chunked) {
      for (long size = chunk(in); size > 0; size = chunk(in)) {
        pass(in, size, body);
        line(in);
      }
      while (!line(in).isEmpty()) {
        continue; // trailers
      }
    } else {
      pass(in, head.length < 0 ? UNTIL_THE_END : head.length, body);
    }
  }

  private static long chunk(InputStream in) throws IOException {
    return number(line(in).split(";", 2)[0].strip(), 16);
  }

  /** So many bytes: a server that dies in the middle has not answered. */
  private static void pass(InputStream in, long length, Body body) throws IOException {
    byte[] piece = new byte[PIECE];
    for (long left = length; left > 0; ) {
      int count = in.read(piece, 0, (int) Math.min(PIECE, left));
      if (count < 0 && length == UNTIL_THE_END) {
        return;
      } else if (count < 0) {
        throw new IOException("the answer breaks off in its body");
      }
      body.write(piece, 0, count);
      left -= count;
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.size() > MAX_HEAD) {
        throw new IOException("the answer breaks off in its head");
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
