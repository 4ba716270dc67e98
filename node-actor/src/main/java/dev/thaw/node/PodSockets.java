package dev.thaw.node;

import dev.thaw.bpf.os.NamespaceSockets;
import dev.thaw.bpf.os.NetworkNamespace;
import dev.thaw.node.http.Sockets;
import java.util.Optional;

/** Sockets inside pods' network namespaces. Any thread. */
final class PodSockets implements AutoCloseable {
  private final NamespaceSockets namespaces = new NamespaceSockets();

  /** For the pod of this process; empty when it shares our network, or cannot be looked at. */
  Optional<Sockets> of(int pid) {
    return NetworkNamespace.otherOf(pid)
        .map(namespace -> towards -> namespaces.open(namespace, Sockets.family(towards)));
  }

  @Override
  public void close() {
    namespaces.close();
  }
}
