package dev.thaw.node.http;

import java.net.InetAddress;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Sockets on loopback that speak TLS. */
final class TlsListener {
  private TlsListener() {}

  /**
   * On a free port.
   *
   * @param trusted whose certificates clients must show; null when they need none
   * @param protocols that ALPN takes
   */
  static SSLServerSocket open(
      KeyManager[] shown, TrustManager @Nullable [] trusted, String... protocols) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown, trusted, null);
    var listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    SSLParameters parameters = listener.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    parameters.setNeedClientAuth(trusted != null);
    listener.setSSLParameters(parameters);
    return listener;
  }
}
