package dev.thaw.app.trace.client;

import dev.thaw.app.AnyCertificate;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One connection, timed in its parts by {@link System#nanoTime}. One thread; every call blocks. */
public final class Link implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final TimedSocket plain;
  private final Socket socket;
  private final Opening opening;
  private final InputStream in;
  private final OutputStream out;

  /**
   * What opening it took, in nanoseconds; the parts of TLS are 0 without it.
   *
   * @param beganNanos {@link System#nanoTime} of the first packet
   * @param serverHello from our hello to the server's first bytes
   * @param tls from our hello to the end of the handshake
   */
  public record Opening(
      long beganNanos, long tcp, long serverHello, long tls, Optional<Agreed> agreed) {}

  /** What the handshake agreed on. */
  public record Agreed(String protocol, String cipher, String key, String curve) {}

  private Link(TimedSocket plain, Socket socket, Opening opening) throws IOException {
    this.plain = plain;
    this.socket = socket;
    this.opening = opening;
    this.in = new BufferedInputStream(socket.getInputStream(), 16_384);
    this.out = socket.getOutputStream();
  }

  /**
   * Connects. The server's certificate is looked at, not verified: it is the user's own.
   *
   * @throws IOException when there is no connection, or no handshake
   */
  public static Link open(InetSocketAddress address, boolean tls, String host) throws IOException {
    var plain = new TimedSocket();
    try {
      long began = System.nanoTime();
      plain.setTcpNoDelay(true);
      plain.connect(address, TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      long connected = System.nanoTime();
      if (!tls) {
        return new Link(
            plain, plain, new Opening(began, connected - began, 0, 0, Optional.empty()));
      }
      return secure(plain, host, began, connected);
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  private static Link secure(TimedSocket plain, String host, long began, long connected)
      throws IOException {
    SSLSocket socket = AnyCertificate.over(plain, host);
    long hello = System.nanoTime();
    socket.startHandshake();
    long done = System.nanoTime();
    SSLSession session = socket.getSession();
    byte[] flight = plain.heard();
    plain.stopKeeping();
    Opening opening =
        new Opening(
            began,
            connected - began,
            Math.max(0, plain.firstByteNanos() - hello),
            done - hello,
            Optional.of(
                new Agreed(
                    session.getProtocol(),
                    session.getCipherSuite(),
                    CertificateKey.describe((X509Certificate) session.getPeerCertificates()[0]),
                    ServerFlight.curve(flight).orElse("unknown"))));
    return new Link(plain, socket, opening);
  }

  public Opening opening() {
    return opening;
  }

  /** Asks for a path and waits for the whole answer. */
  public Answer get(String host, String path) throws IOException {
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nUser-Agent: thaw-trace\r\nAccept: */*\r\n\r\n";
    out.write(request.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return Answer.read(in);
  }

  @Override
  public void close() throws IOException {
    socket.close();
    plain.close();
  }

  /** Notes when the first byte came in, and keeps what came until it is told to stop. */
  private static final class TimedSocket extends Socket {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long firstByteNanos;
    private boolean keeping = true;
    private @Nullable InputStream timed;

    @Override
    public InputStream getInputStream() throws IOException {
      if (timed == null) {
        timed = new Timed(super.getInputStream());
      }
      return timed;
    }

    long firstByteNanos() {
      return firstByteNanos;
    }

    byte[] heard() {
      return kept.toByteArray();
    }

    void stopKeeping() {
      keeping = false;
      kept.reset();
    }

    private final class Timed extends FilterInputStream {
      Timed(InputStream in) {
        super(in);
      }

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int count = in.read(into, offset, length);
        if (firstByteNanos == 0 && count > 0) {
          firstByteNanos = System.nanoTime();
        }
        if (keeping && count > 0) {
          kept.write(into, offset, count);
        }
        return count;
      }
    }
  }
}
