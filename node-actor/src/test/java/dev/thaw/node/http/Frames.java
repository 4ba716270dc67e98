package dev.thaw.node.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** HTTP/2's frames, by hand: a codec would refuse to write what a bad server writes. */
public final class Frames {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  private static final int PREFACE = 24;

  private Frames() {}

  /** One frame that was read. */
  public record Frame(int type, int flags, int stream, byte[] payload) {}

  public static byte[] frame(int type, int flags, int stream, byte... payload) {
    var out = new ByteArrayOutputStream();
    out.write(payload.length >> 16);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(number(stream));
    out.writeBytes(payload);
    return out.toByteArray();
  }

  public static byte[] number(int value) {
    return new byte[] {
      (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
    };
  }

  public static byte[] settings(int... idsAndValues) {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < idsAndValues.length; i += 2) {
      out.write(idsAndValues[i] >> 8);
      out.write(idsAndValues[i]);
      out.writeBytes(number(idsAndValues[i + 1]));
    }
    return frame(SETTINGS, 0, 0, out.toByteArray());
  }

  public static byte[] goAway(int last, int code, String words) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(number(last));
    out.writeBytes(number(code));
    out.writeBytes(words.getBytes(StandardCharsets.US_ASCII));
    return frame(GOAWAY, 0, 0, out.toByteArray());
  }

  /** A header block without compression: names and values in turn. */
  public static byte[] block(String... namesAndValues) {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      out.write(0); // literal, not indexed, new name
      string(out, namesAndValues[i]);
      string(out, namesAndValues[i + 1]);
    }
    return out.toByteArray();
  }

  private static void string(ByteArrayOutputStream out, String text) {
    int length = text.length();
    if (length < 127) {
      out.write(length);
    } else {
      out.write(127);
      int rest = length - 127;
      for (; rest >= 128; rest >>= 7) {
        out.write(rest & 127 | 128);
      }
      out.write(rest);
    }
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  public static byte[] headers(int stream, boolean last, String... namesAndValues) {
    return frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block(namesAndValues));
  }

  /** Reads the client's preface and says these SETTINGS. */
  public static void open(InputStream in, OutputStream out, int... settings) throws IOException {
    if (in.readNBytes(PREFACE).length < PREFACE) {
      throw new EOFException();
    }
    out.write(settings(settings));
  }

  /** The next frame, whatever it is. */
  public static Frame read(InputStream in) throws IOException {
    var data = new DataInputStream(in);
    int length = data.readUnsignedByte() << 16 | data.readUnsignedShort();
    int type = data.readUnsignedByte();
    int flags = data.readUnsignedByte();
    int stream = data.readInt();
    return new Frame(type, flags, stream, data.readNBytes(length));
  }

  /** The next frame of this type; SETTINGS that come before are acknowledged. */
  public static Frame await(InputStream in, OutputStream out, int type) throws IOException {
    while (true) {
      Frame frame = read(in);
      if (frame.type() == type) {
        return frame;
      } else if (frame.type() == SETTINGS && frame.flags() == 0) {
        out.write(frame(SETTINGS, ACK, 0));
      }
    }
  }

  /** A server that answers one request after the other with these bytes, and is silent then. */
  public static ScriptedServer.Script answering(byte[]... answers) {
    return (in, out) -> {
      open(in, out);
      for (byte[] answer : answers) {
        await(in, out, HEADERS);
        out.write(answer);
      }
      drain(in);
    };
  }

  /** Several frames in a row. */
  public static byte[] all(byte[]... frames) {
    var out = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      out.writeBytes(frame);
    }
    return out.toByteArray();
  }

  /** Reads on until the client closes. */
  public static void drain(InputStream in) throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }
}
