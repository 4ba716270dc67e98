package dev.thaw.node.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes connections on loopback and does with each what the test says, on a thread of its own. */
final class UnrulyServer implements AutoCloseable {
  private final ServerSocket server;
  private final List<Socket> taken = new CopyOnWriteArrayList<>();

  /** What to do with one connection. */
  interface Script {
    void play(Socket connection) throws IOException;
  }

  UnrulyServer(Script script) {
    try {
      server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var thread = new Thread(() -> take(script), "unruly-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void take(Script script) {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        taken.add(connection);
        script.play(connection);
      } catch (IOException e) {
        continue; // the client went away, or the test is over
      }
    }
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket connection : taken) {
      connection.close();
    }
  }
}
