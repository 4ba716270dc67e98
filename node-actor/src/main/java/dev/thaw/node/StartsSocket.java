package dev.thaw.node;

import dev.thaw.protocol.v1.FromNode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A Unix socket that pushes this node's starts to whoever connects, one JSON object a line. One
 * thread waits for subscribers and one writes to each: a slow one holds nobody up. {@link #push}
 * and {@link #add} belong to one thread and never block.
 */
final class StartsSocket implements AutoCloseable {
  static final String NAME = "starts.sock";
  private static final int MOST_SUBSCRIBERS = 64;

  private final Path path;
  private final ServerSocketChannel server;
  private final List<StartsSubscriber> subscribers = new CopyOnWriteArrayList<>();

  private StartsSocket(Path path, ServerSocketChannel server) {
    this.path = path;
    this.server = server;
  }

  /**
   * Opens it in the state folder, for the folder's owner only.
   *
   * @param arrived called on the waiting thread with each new subscriber, to be {@link #add}ed
   * @throws IOException when the path is too long for a socket, or cannot be made
   */
  static StartsSocket open(Path stateFolder, Consumer<StartsSubscriber> arrived)
      throws IOException {
    Path path = stateFolder.resolve(NAME);
    Files.deleteIfExists(path); // a killed predecessor's
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      server.close();
      throw e;
    }
    var socket = new StartsSocket(path, server);
    var waiting = new Thread(() -> socket.accept(arrived), "thaw-starts-socket");
    waiting.setDaemon(true);
    waiting.start();
    return socket;
  }

  private void accept(Consumer<StartsSubscriber> arrived) {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        if (subscribers.size() >= MOST_SUBSCRIBERS) {
          channel.close();
        } else {
          arrived.accept(new StartsSubscriber(channel));
        }
      }
    } catch (IOException e) {
      // closed: the end of this thread
      return;
    }
  }

  /** Tells a subscriber what is known so far, and everything from now on. */
  void add(StartsSubscriber subscriber, List<FromNode> known) {
    subscribers.add(subscriber);
    known.forEach(message -> StartLine.of(message).ifPresent(subscriber::push));
    subscriber.start(subscribers::remove);
  }

  void push(FromNode message) {
    if (!subscribers.isEmpty()) {
      StartLine.of(message)
          .ifPresent(line -> subscribers.forEach(subscriber -> subscriber.push(line)));
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // nobody can connect any more, which is what was wanted
    }
    subscribers.forEach(StartsSubscriber::close);
  }
}
