package dev.thaw.node.http;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/** Where sockets come from: this process's network namespace, or a pod's. Any thread. */
public interface Sockets {
  /** In the network namespace of this process. */
  Sockets HERE =
      towards -> {
        try {
          return CompletableFuture.completedFuture(SocketChannel.open(family(towards)));
        } catch (IOException e) {
          return CompletableFuture.failedFuture(e);
        }
      };

  /** An unconnected socket, fit for this address. Whoever gets it owns it. */
  CompletableFuture<SocketChannel> open(InetSocketAddress towards);

  /** The family of sockets that reach this address. */
  static StandardProtocolFamily family(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address
        ? StandardProtocolFamily.INET6
        : StandardProtocolFamily.INET;
  }
}
