package dev.thaw.app.trace.client;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads from a server's first TLS bytes, which are not encrypted, which curve the key exchange
 * uses: the JDK does not tell. Pure; the bytes may be anything.
 */
final class ServerFlight {
  private static final int HANDSHAKE = 22;
  private static final int SERVER_HELLO = 2;
  private static final int SERVER_KEY_EXCHANGE = 12;
  private static final int KEY_SHARE = 51;
  private static final int NAMED_CURVE = 3;

  private ServerFlight() {}

  /** Such as {@code X25519}; empty for a key exchange without a curve, or for other bytes. */
  static Optional<String> curve(byte[] heard) {
    try {
      ByteBuffer messages = ByteBuffer.wrap(messages(ByteBuffer.wrap(heard)));
      while (messages.remaining() >= 4) {
        int type = messages.get() & 0xff;
        ByteBuffer body = slice(messages, unsigned24(messages));
        Optional<String> curve =
            type == SERVER_HELLO
                ? keyShare(body)
                : type == SERVER_KEY_EXCHANGE ? namedCurve(body) : Optional.empty();
        if (curve.isPresent()) {
          return curve;
        }
      }
      return Optional.empty();
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return Optional.empty(); // broken off, or no TLS at all
    }
  }

  /** Handshake messages without the records around them, up to the first encrypted one. */
  private static byte[] messages(ByteBuffer heard) {
    var all = new ByteArrayOutputStream();
    while (heard.remaining() >= 5 && heard.get(heard.position()) == HANDSHAKE) {
      heard.position(heard.position() + 3);
      ByteBuffer record = slice(heard, heard.getShort() & 0xffff);
      byte[] bytes = new byte[record.remaining()];
      record.get(bytes);
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  /** TLS 1.3: an extension of the server's hello. */
  private static Optional<String> keyShare(ByteBuffer hello) {
    hello.position(2 + 32);
    slice(hello, hello.get() & 0xff); // session id
    hello.position(hello.position() + 3); // cipher, compression
    if (!hello.hasRemaining()) {
      return Optional.empty();
    }
    ByteBuffer extensions = slice(hello, hello.getShort() & 0xffff);
    while (extensions.remaining() >= 4) {
      int type = extensions.getShort() & 0xffff;
      ByteBuffer body = slice(extensions, extensions.getShort() & 0xffff);
      if (type == KEY_SHARE) {
        return Optional.of(name(body.getShort() & 0xffff));
      }
    }
    return Optional.empty();
  }

  /** TLS 1.2: a message of its own. */
  private static Optional<String> namedCurve(ByteBuffer exchange) {
    return exchange.get() == NAMED_CURVE
        ? Optional.of(name(exchange.getShort() & 0xffff))
        : Optional.empty();
  }

  private static ByteBuffer slice(ByteBuffer from, int length) {
    ByteBuffer slice = from.slice(from.position(), Math.min(length, from.remaining()));
    from.position(from.position() + slice.remaining());
    return slice;
  }

  private static int unsigned24(ByteBuffer from) {
    return (from.get() & 0xff) << 16 | from.getShort() & 0xffff;
  }

  static String name(int group) {
    return switch (group) {
      case 23 -> "P-256";
      case 24 -> "P-384";
      case 25 -> "P-521";
      case 29 -> "X25519";
      case 30 -> "X448";
      case 4588 -> "X25519MLKEM768";
      default -> "group " + group;
    };
  }
}
