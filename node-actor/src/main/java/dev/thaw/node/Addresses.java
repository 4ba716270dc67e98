package dev.thaw.node;

import dev.thaw.protocol.v1.Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses of the protocol as Java's. */
final class Addresses {
  private Addresses() {}

  /**
   * The address of an IP literal; never asks a name server.
   *
   * @throws IllegalArgumentException when it is a name
   */
  static InetAddress inet(Address address) {
    String host = address.getHost();
    if (host.isEmpty() || host.chars().anyMatch(c -> "0123456789abcdefABCDEF:.".indexOf(c) < 0)) {
      throw new IllegalArgumentException(host + " (accepted: an IP literal)");
    }
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(host + " (accepted: an IP literal)", e);
    }
  }

  static InetSocketAddress socket(Address address) {
    return new InetSocketAddress(inet(address), address.getPort());
  }
}
