package dev.thaw.node;

import dev.thaw.node.http.Sockets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A way to a pod's port: from where, and to which address.
 *
 * @param inside from inside the pod's network namespace
 */
record Route(Sockets sockets, InetSocketAddress address, boolean inside) {

  /**
   * Those to try in turn: from inside the pod, whose mesh or firewall does not stand in between,
   * first by loopback, then by its own address; from here otherwise.
   */
  static List<Route> to(InetSocketAddress pod, Optional<Sockets> inside) {
    var here = new Route(Sockets.HERE, pod, false);
    return inside
        .map(
            sockets ->
                List.of(
                    new Route(sockets, loopback(pod), true), new Route(sockets, pod, true), here))
        .orElseGet(() -> List.of(here));
  }

  private static InetSocketAddress loopback(InetSocketAddress pod) {
    byte[] bytes = new byte[pod.getAddress().getAddress().length];
    bytes[bytes.length - 1] = 1;
    if (bytes.length == 4) {
      bytes[0] = 127;
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), pod.getPort());
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are addresses", e);
    }
  }
}
