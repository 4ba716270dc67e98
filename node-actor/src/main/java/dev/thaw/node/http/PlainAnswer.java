package dev.thaw.node.http;

import io.netty.handler.ssl.NotSslRecordException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server without TLS has answered to a TLS handshake, in words. Pure. */
final class PlainAnswer {
  /** Netty hands on the bytes as digits of its sentence alone. */
  private static final Pattern BYTES = Pattern.compile("not an SSL/TLS record: ((?:[0-9a-f]{2})+)");

  private static final Pattern HTTP1 = Pattern.compile("HTTP/1\\.[01](?= )");
  private static final int LONGEST = 40;
  private static final int FRAME_TYPE_AT = 3;
  private static final int SETTINGS = 4;

  private PlainAnswer() {}

  /** Such as {@code speaks no TLS: it answered in HTTP/1.1}. */
  static String sentence(NotSslRecordException thrown) {
    Matcher digits = BYTES.matcher(String.valueOf(thrown.getMessage()));
    if (!digits.find()) {
      return "speaks no TLS";
    }
    byte[] bytes = HexFormat.of().parseHex(digits.group(1));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher http1 = HTTP1.matcher(text);
    if (http1.lookingAt()) {
      return "speaks no TLS: it answered in " + http1.group();
    } else if (bytes.length > FRAME_TYPE_AT && bytes[0] == 0 && bytes[FRAME_TYPE_AT] == SETTINGS) {
      return "speaks no TLS: it answered in HTTP/2";
    }
    String line = text.lines().findFirst().orElse("").strip();
    return line.matches("[ -~]+")
        ? "speaks no TLS: it answered \""
            + (line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line)
            + '"'
        : "speaks no TLS: it answered in no protocol that is known here";
  }
}
