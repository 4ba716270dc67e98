package dev.thaw.app;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS to a server whose certificate is not trusted but only measured or passed over: for traces and
 * for the demo's own servers, to which nothing secret is sent. Any thread.
 */
public final class AnyCertificate {

  private AnyCertificate() {}

  /**
   * A connection that is open already. A context for each: a resumed session would hide what the
   * next newcomer pays.
   *
   * @param protocols offered for what is spoken inside, such as {@code http/1.1}
   * @throws IOException when it has ended
   */
  public static SSLSocket over(Socket plain, String host, List<String> protocols)
      throws IOException {
    var socket =
        (SSLSocket) context().getSocketFactory().createSocket(plain, host, plain.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(protocols.toArray(new String[0]));
    socket.setSSLParameters(parameters);
    return socket;
  }

  /** A context that lets every certificate pass. */
  public static SSLContext context() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Everyone()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private static final class Everyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
