package dev.thaw.app.trace.client;

import dev.thaw.app.AnyCertificate;
import dev.thaw.node.http.StreamedHttp2;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One connection, timed in its parts by {@link System#nanoTime}. One thread; every call blocks. */
public final class Link implements AutoCloseable {
  private static final Map<String, String> HEADERS =
      Map.of("user-agent", "thaw-trace", "accept", "*/*");

  private final TimedSocket plain;
  private final Socket socket;
  private final Opening opening;
  private final InputStream in;
  private final OutputStream out;
  private final Speech speech;
  private final @Nullable StreamedHttp2 http2;

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

  private Link(TimedSocket plain, Socket socket, Opening opening, Speech speech)
      throws IOException {
    this.plain = plain;
    this.socket = socket;
    this.opening = opening;
    this.in = new BufferedInputStream(socket.getInputStream(), 16_384);
    this.out = socket.getOutputStream();
    this.speech = speech;
    this.http2 = speech.http2() ? new StreamedHttp2(in, out, speech.tls()) : null;
  }

  /** The time was over before there was a connection. */
  public static final class NotConnected extends IOException {
    private static final long serialVersionUID = 1L;

    NotConnected(IOException cause) {
      super("no connection: " + cause.getMessage(), cause);
    }
  }

  /** No handshake came about. */
  public static final class NoTls extends IOException {
    private static final long serialVersionUID = 1L;

    NoTls(IOException cause) {
      super("no TLS handshake: " + cause.getMessage(), cause);
    }
  }

  /**
   * Connects. The server's certificate is looked at, not verified: it is the user's own.
   *
   * @param protocols offered in a handshake; which was agreed on tells {@link #speech}
   * @param deadline of {@link System#nanoTime}; until {@link #limit} moves it, whatever comes later
   *     is a {@link SocketTimeoutException}
   * @throws NotConnected when nobody took the connection in time
   * @throws NoTls when there is no handshake
   * @throws IOException when there is no connection
   */
  public static Link open(
      InetSocketAddress address, Speech speech, List<String> protocols, String host, long deadline)
      throws IOException {
    var plain = new TimedSocket(deadline);
    try {
      long began = System.nanoTime();
      plain.setTcpNoDelay(true);
      connect(plain, address);
      long connected = System.nanoTime();
      if (!speech.tls()) {
        plain.stopKeeping();
        return new Link(
            plain, plain, new Opening(began, connected - began, 0, 0, Optional.empty()), speech);
      }
      return secure(plain, speech, protocols, host, began, connected);
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  private static void connect(TimedSocket plain, InetSocketAddress address) throws IOException {
    try {
      plain.connect(address, plain.remainingMillis());
    } catch (SocketTimeoutException e) {
      throw new NotConnected(e);
    }
  }

  private static Link secure(
      TimedSocket plain,
      Speech speech,
      List<String> protocols,
      String host,
      long began,
      long connected)
      throws IOException {
    SSLSocket socket = AnyCertificate.over(plain, host, protocols);
    long hello = System.nanoTime();
    try {
      socket.startHandshake();
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      throw new NoTls(e);
    }
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
    boolean agreed = "h2".equals(socket.getApplicationProtocol());
    return new Link(plain, socket, opening, new Speech(true, agreed, speech.call()));
  }

  public Opening opening() {
    return opening;
  }

  /** What is spoken on it: in TLS the handshake decides. */
  public Speech speech() {
    return speech;
  }

  /** From here on what comes after this moment is too late. */
  public void limit(long deadline) {
    plain.deadline = deadline;
  }

  /**
   * Makes the request that counts, by the connection's speech, and waits for the whole answer.
   *
   * @throws Answer.NotHttp when the server speaks something else, or nothing
   */
  public Answer ask(String host, String path) throws IOException {
    return speech.call().isEmpty()
        ? get(host, path, Body.dropped())
        : call(host, speech.call().get(), Body.dropped());
  }

  /**
   * Asks for a path and waits for the whole answer.
   *
   * @param body gets its body
   * @param most at most so many bytes of it; the answer tells how many there were
   */
  public Answer fetch(String host, String path, OutputStream body, long most) throws IOException {
    return get(host, path, new Body(body, most));
  }

  private Answer call(String host, String method, Body body) throws IOException {
    StreamedHttp2 frames = http2;
    if (frames == null) {
      throw new IOException("a gRPC call needs HTTP/2, and the server agreed to HTTP/1.1");
    }
    try {
      StreamedHttp2.Answered answered = frames.call(host, method, HEADERS, body);
      int status =
          answered.status() == 200 ? Answer.asHttp(answered.grpcStatus()) : answered.status();
      return answer(answered, status, body);
    } catch (StreamedHttp2.NotHttp2 e) {
      throw new Answer.NotHttp(e.firstByte(), String.valueOf(e.getMessage()));
    }
  }

  private Answer get(String host, String path, Body body) throws IOException {
    StreamedHttp2 frames = http2;
    if (frames != null) {
      try {
        StreamedHttp2.Answered answered = frames.get(host, path, HEADERS, body);
        return answer(answered, answered.status(), body);
      } catch (StreamedHttp2.NotHttp2 e) {
        throw new Answer.NotHttp(e.firstByte(), String.valueOf(e.getMessage()));
      }
    }
    var request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
    HEADERS.forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
    out.write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return Answer.read(in, body);
  }

  private static Answer answer(StreamedHttp2.Answered answered, int status, Body body) {
    return new Answer(
        status,
        answered.firstByteNanos(),
        answered.lastByteNanos(),
        answered.keepsConnection(),
        answered.grpcStatus(),
        body.bytes(),
        body.beginning());
  }

  @Override
  public void close() throws IOException {
    StreamedHttp2 frames = http2;
    if (frames != null) {
      frames.close();
    }
    socket.close();
    plain.close();
  }

  /**
   * Notes when the first byte came in, keeps what came until it is told to stop, and ends what is
   * silent or drips beyond its deadline.
   */
  private static final class TimedSocket extends Socket {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long firstByteNanos;
    private boolean keeping = true;
    private @Nullable InputStream timed;
    private long deadline;

    TimedSocket(long deadline) {
      this.deadline = deadline;
    }

    private int remainingMillis() throws SocketTimeoutException {
      long remaining = (deadline - System.nanoTime()) / 1_000_000;
      if (remaining <= 0) {
        throw new SocketTimeoutException("no time left");
      }
      return (int) Math.min(Integer.MAX_VALUE, remaining);
    }

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
        setSoTimeout(remainingMillis());
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
