package dev.thaw.app.trace.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Makes every call of the client once or more against a server of our own: what our first handshake
 * costs us, hundreds of milliseconds in a young JVM, would else be taken for the traced server's.
 */
public final class Rehearsal {
  private static final byte[] OK =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);
  private static final int CONNECTIONS = 6;
  private static final int REQUESTS = 20;

  private Rehearsal() {}

  /**
   * Runs; takes about half a second with TLS.
   *
   * @throws IOException when this machine has no loopback to talk to itself
   */
  public static void run(boolean tls) throws IOException {
    against(ServerSocketFactory.getDefault(), false);
    if (tls) {
      try {
        for (String algorithm : new String[] {"EC", "RSA"}) {
          against(context(algorithm).getServerSocketFactory(), true);
        }
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has TLS with P-256 and RSA", e);
      }
    }
  }

  private static void against(ServerSocketFactory factory, boolean tls) throws IOException {
    try (var server = factory.createServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      var thread = new Thread(() -> serve(server), "rehearsal");
      thread.setDaemon(true);
      thread.start();
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      for (int i = 0; i < CONNECTIONS; i++) {
        try (Link link = Link.open(address, tls, "localhost")) {
          for (int n = 0; n < REQUESTS; n++) {
            link.get("localhost", "/");
          }
        }
        if (tls) {
          for (String curve : Hello.CURVES) {
            HalfHandshake.time(address, curve);
          }
        }
      }
    }
  }

  private static void serve(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        byte[] heard = new byte[4096];
        while (socket.getInputStream().read(heard) > 0) {
          socket.getOutputStream().write(OK);
        }
      } catch (IOException e) {
        continue; // a half handshake broken off, or the end of the rehearsal
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
