package dev.thaw.app.trace.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An HTTP/1.1 answer as it came in.
 *
 * @param firstByteNanos {@link System#nanoTime} of its first byte
 * @param lastByteNanos of its last
 * @param keepsConnection whether another request may follow
 */
public record Answer(
    int status, long firstByteNanos, long lastByteNanos, boolean keepsConnection, byte[] body) {
  private static final int MAX_HEAD = 64 * 1024;
  private static final int MAX_BODY = 256 * 1024 * 1024;

  /** What came is no HTTP/1.1 answer. */
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

  /**
   * Reads one answer to a GET.
   *
   * @throws NotHttp when the server speaks something else, or nothing
   */
  static Answer read(InputStream in) throws IOException {
    int first = in.read();
    long firstByte = System.nanoTime();
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
      throw new NotHttp(first, "no HTTP/1.1 answer: " + statusLine);
    }
    int status = Integer.parseInt(words[1]);
    long length = -1;
    boolean chunked = false;
    boolean keeps = words[0].equals("HTTP/1.1");
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      String name = header.substring(0, Math.max(0, colon)).strip().toLowerCase(Locale.ROOT);
      String value = header.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
      switch (name) {
        case "content-length" -> length = Long.parseLong(value);
        case "transfer-encoding" -> chunked = value.endsWith("chunked");
        case "connection" -> keeps = keeps && !value.contains("close");
        default -> {}
      }
    }
    if (status / 100 == 1) {
      return read(in);
    }
    byte[] body = body(in, status, length, chunked);
    boolean delimited = chunked || length >= 0 || status == 204 || status == 304;
    return new Answer(status, firstByte, System.nanoTime(), keeps && delimited, body);
  }

  private static byte[] body(InputStream in, int status, long length, boolean chunked)
      throws IOException {
    if (status == 204 || status == 304) {
      return new byte[0];
    } else if (chunked) {
      var all = new ByteArrayOutputStream();
      for (int size = chunk(in); size > 0; size = chunk(in)) {
        all.write(in.readNBytes(bounded(all.size() + (long) size) - all.size()));
        line(in);
      }
      while (!line(in).isEmpty()) {
        continue; // trailers
      }
      return all.toByteArray();
    }
    return length < 0 ? in.readNBytes(MAX_BODY) : in.readNBytes(bounded(length));
  }

  private static int chunk(InputStream in) throws IOException {
    return bounded(Long.parseLong(line(in).split(";")[0].strip(), 16));
  }

  private static int bounded(long length) throws IOException {
    if (length < 0 || length > MAX_BODY) {
      throw new IOException(
          "an answer of " + length + " bytes (accepted: at most " + MAX_BODY + ")");
    }
    return (int) length;
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
