package dev.thaw.bpf.os;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Makes sockets in network namespaces of others: a socket stays where it was made, whichever thread
 * uses it later. One thread is kept for it, since a thread has a namespace of its own; it is back
 * in ours whenever it has nothing to do. Needs CAP_SYS_ADMIN.
 */
public final class NamespaceSockets implements AutoCloseable {
  private static final int CLONE_NEWNET = 0x40000000;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            var made = new Thread(task, "thaw-namespaces");
            made.setDaemon(true);
            return made;
          });

  /** An unconnected socket in there. Any thread; fails with an {@link IOException}. */
  public CompletableFuture<SocketChannel> open(
      NetworkNamespace namespace, StandardProtocolFamily family) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return make(namespace, family);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        thread);
  }

  private static SocketChannel make(NetworkNamespace namespace, StandardProtocolFamily family)
      throws IOException {
    int ours = NetworkNamespace.openOurs();
    try {
      int theirs = namespace.open();
      try {
        enter(theirs, namespace.id());
      } finally {
        LibC.close(theirs);
      }
      try {
        return SocketChannel.open(family);
      } finally {
        enter(ours, "the one we came from");
      }
    } finally {
      LibC.close(ours);
    }
  }

  private static void enter(int fd, String name) throws IOException {
    if (LibC.setns(fd, CLONE_NEWNET) != 0) {
      throw new IOException(
          "network namespace " + name + " cannot be entered: " + LibC.message(LibC.errno()));
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
