package dev.thaw.app.trace.client;

import dev.thaw.node.http.ThrowawayCertificate;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;

/**
 * Makes every call of the client once or more against a server of our own: what our first handshake
 * costs us, hundreds of milliseconds in a young JVM, would else be taken for the traced server's.
 */
public final class Rehearsal {
  private static final int PREFACE = 24;
  private static final int FRAME_HEAD = 9;
  private static final int HEADERS = 1;
  private static final int DATA = 0;
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  /** A frame of headers that ends its stream, whose last four bytes are to be set: status 200. */
  private static final byte[] OK_HTTP2 = {0, 0, 1, HEADERS, 5, 0, 0, 0, 0, (byte) 0x88};

  private static final byte[] OK =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);
  private static final int CONNECTIONS = 4;
  private static final int REQUESTS = 12;
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private Rehearsal() {}

  /**
   * Runs; takes about half a second with TLS.
   *
   * @param wish what will be spoken, as far as that is known
   * @throws IOException when this machine has no loopback to talk to itself
   */
  public static void run(Wish wish) throws IOException {
    var speeches = new ArrayList<Speech>();
    for (boolean http2 : new boolean[] {false, true}) {
      if (wish.http2().orElse(http2) == http2) {
        speeches.add(new Speech(false, http2, Optional.empty()));
      }
    }
    against(ServerSocketFactory.getDefault(), speeches);
    if (wish.tls().orElse(true)) {
      List<Speech> secured =
          speeches.stream().map(each -> new Speech(true, each.http2(), each.call())).toList();
      try {
        for (String algorithm : new String[] {"EC", "RSA"}) {
          against(context(algorithm).getServerSocketFactory(), secured);
        }
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has TLS with P-256 and RSA", e);
      }
    }
  }

  private static void against(ServerSocketFactory factory, List<Speech> speeches)
      throws IOException {
    try (var server = factory.createServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      if (server instanceof SSLServerSocket secured) {
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        secured.setSSLParameters(parameters);
      }
      var thread = new Thread(() -> serve(server), "rehearsal");
      thread.setDaemon(true);
      thread.start();
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      for (int i = 0; i < CONNECTIONS; i++) {
        for (Speech speech : speeches) {
          ask(address, speech);
        }
      }
    }
  }

  private static void ask(InetSocketAddress address, Speech speech) throws IOException {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    try (Link link =
        Link.open(address, speech, Wish.of(speech).protocols(), "localhost", deadline)) {
      for (int n = 0; n < REQUESTS; n++) {
        link.ask("localhost", "/");
      }
    }
    if (speech.tls()) {
      for (String curve : Hello.CURVES) {
        HalfHandshake.time(address, curve);
      }
    }
  }

  private static void serve(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        in.mark(1);
        boolean http2 = in.read() == 'P'; // of PRI; others begin with GET
        in.reset();
        if (http2) {
          serveFrames(in, socket.getOutputStream());
        } else {
          byte[] heard = new byte[4096];
          while (in.read(heard) > 0) {
            socket.getOutputStream().write(OK);
          }
        }
      } catch (IOException e) {
        continue; // a half handshake broken off, or the end of the rehearsal
      }
    }
  }

  private static void serveFrames(DataInputStream in, OutputStream out) throws IOException {
    in.skipNBytes(PREFACE);
    out.write(SETTINGS);
    byte[] head = new byte[FRAME_HEAD];
    while (true) {
      in.readFully(head);
      in.skipNBytes((head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | head[2] & 0xff);
      boolean ends = (head[4] & 1) != 0 && (head[3] == HEADERS || head[3] == DATA);
      if (ends) {
        byte[] answer = OK_HTTP2.clone();
        System.arraycopy(head, FRAME_HEAD - 4, answer, FRAME_HEAD - 4, 4);
        out.write(answer);
      }
    }
  }

  private static SSLContext context(String algorithm) throws GeneralSecurityException, IOException {
    ThrowawayCertificate made = ThrowawayCertificate.make(algorithm);
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", made.key(), new char[0], new Certificate[] {made.certificate()});
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
