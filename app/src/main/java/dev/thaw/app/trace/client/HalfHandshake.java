package dev.thaw.app.trace.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;

/**
 * Times the server's half of a TLS handshake: from a hello that was made beforehand to the server's
 * first bytes lie its key exchange and its signature, and nothing of ours. The connection is then
 * dropped, which a server may log.
 */
public final class HalfHandshake {
  private static final int TIMEOUT_MILLIS = 5_000;

  private HalfHandshake() {}

  /** Curves that can be asked for. */
  public static String[] curves() {
    return Hello.CURVES.clone();
  }

  /** Nanoseconds; empty when the server wants another curve, or does not answer. */
  public static Optional<Long> time(InetSocketAddress address, String curve) {
    byte[] hello = Hello.offering(curve);
    try (var socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.connect(address, TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      long began = System.nanoTime();
      socket.getOutputStream().write(hello);
      byte[] heard = new byte[4096];
      int count = socket.getInputStream().read(heard);
      long took = System.nanoTime() - began;
      return count > 0 && ServerFlight.curve(heard).filter(curve::equals).isPresent()
          ? Optional.of(took)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // it wants no such hello
    }
  }
}
