package dev.thaw.node;

import dev.thaw.protocol.v1.FromNode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Unix socket that pushes this node's starts to whoever connects, one JSON object a line. A
 * thread of its own does all input and output, none of which waits for anybody: a slow subscriber
 * holds nobody up. {@link #push} and {@link #add} belong to one thread and never block.
 */
final class StartsSocket implements AutoCloseable {
  static final String NAME = "starts.sock";

  private static final Logger LOG = LoggerFactory.getLogger(StartsSocket.class);

  private final Path path;
  private final ServerSocketChannel server;
  private final Selector selector;
  private final Consumer<Arrival> arrived;
  private final StartsSettings settings;
  private final List<StartsSubscriber> subscribers = new CopyOnWriteArrayList<>();
  private final StartsDoor door = new StartsDoor(System.nanoTime());
  private volatile boolean open = true;
  private final ByteBuffer ignored = ByteBuffer.allocate(1024);

  /** One who has connected and is to be {@link #add}ed. */
  record Arrival(SelectionKey key) {}

  /** Whom a connection belongs to, and what waits for it once it has been added. */
  private static final class Guest {
    private final String user;
    private volatile StartsSubscriber subscriber = new StartsSubscriber(List.of());

    Guest(String user) {
      this.user = user;
    }
  }

  private StartsSocket(
      Path path,
      ServerSocketChannel server,
      Selector selector,
      StartsSettings settings,
      Consumer<Arrival> arrived) {
    this.path = path;
    this.server = server;
    this.selector = selector;
    this.settings = settings;
    this.arrived = arrived;
  }

  /**
   * Opens it for everybody who reaches the folder, which is made if it is missing.
   *
   * @param arrived called on the socket's thread with each new subscriber, to be {@link #add}ed
   * @throws IOException when the path is too long for a socket, or cannot be made
   */
  static StartsSocket open(Path path, StartsSettings settings, Consumer<Arrival> arrived)
      throws IOException {
    StartsFolder.make(path.toAbsolutePath().getParent());
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(fresh));
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw-rw-"));
      // Whoever sees it can connect; a killed predecessor's is replaced.
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      server.configureBlocking(false);
      var selector = Selector.open();
      server.register(selector, SelectionKey.OP_ACCEPT);
      var socket = new StartsSocket(path, server, selector, settings, arrived);
      var thread = new Thread(socket::serve, "thaw-starts-socket");
      thread.setDaemon(true);
      thread.start();
      return socket;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private void serve() {
    try (server;
        selector) {
      while (open) {
        long shut = door.shutFor(System.nanoTime());
        server.keyFor(selector).interestOps(shut == 0 ? SelectionKey.OP_ACCEPT : 0);
        selector.select(TimeUnit.NANOSECONDS.toMillis(shut) + (shut == 0 ? 0 : 1));
        for (SelectionKey key : selector.selectedKeys()) {
          serve(key);
        }
        selector.selectedKeys().clear();
        guests().forEach(this::write);
      }
      guests().forEach(StartsSocket::close);
    } catch (IOException e) {
      LOG.error("the socket of starts has ended path={}", path, e);
    }
  }

  private List<SelectionKey> guests() {
    return selector.keys().stream()
        .filter(key -> key.isValid() && key.attachment() instanceof Guest)
        .toList();
  }

  private void serve(SelectionKey key) {
    if (key.isValid() && key.isAcceptable()) {
      accept();
    } else if (key.isValid() && key.isReadable()) {
      read(key);
    }
  }

  /** One at a time: in between, what waits for the others is written. */
  private void accept() {
    door.came(System.nanoTime());
    try {
      SocketChannel channel = server.accept();
      if (channel != null) {
        welcome(channel);
      }
    } catch (IOException e) {
      LOG.warn("a subscriber of starts could not be let in why={}", e.toString());
      door.noRoom(System.nanoTime());
    }
  }

  private void welcome(SocketChannel channel) throws IOException {
    String user = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    List<SelectionKey> present = guests();
    long sameUser = present.stream().filter(key -> guest(key).user.equals(user)).count();
    if (present.size() >= settings.subscribers() || sameUser >= settings.ofOneUser()) {
      channel.close();
      return;
    }
    channel.configureBlocking(false);
    arrived.accept(new Arrival(channel.register(selector, SelectionKey.OP_READ, new Guest(user))));
  }

  private static Guest guest(SelectionKey key) {
    return (Guest) key.attachment();
  }

  /** Nothing he says matters, but that he leaves. */
  private void read(SelectionKey key) {
    try {
      ignored.clear();
      if (((SocketChannel) key.channel()).read(ignored) < 0) {
        leave(key);
      }
    } catch (IOException e) {
      leave(key);
    }
  }

  private void write(SelectionKey key) {
    StartsSubscriber waiting = guest(key).subscriber;
    try {
      var channel = (SocketChannel) key.channel();
      ByteBuffer next = waiting.next();
      while (next.hasRemaining() && channel.write(next) > 0) {
        next = waiting.next();
      }
      key.interestOps(
          next.hasRemaining()
              ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
              : SelectionKey.OP_READ);
    } catch (IOException e) {
      leave(key);
    }
  }

  private void leave(SelectionKey key) {
    close(key); // first: whoever is just being added looks for that afterwards
    subscribers.remove(guest(key).subscriber);
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      LOG.debug("a subscriber of starts was gone already", e);
    }
  }

  /** Tells a subscriber what is known so far, and everything from now on. */
  void add(Arrival arrival, List<FromNode> known) {
    var subscriber =
        new StartsSubscriber(
            known.stream().flatMap(message -> StartLine.of(message).stream()).toList());
    subscribers.add(subscriber);
    guest(arrival.key()).subscriber = subscriber;
    if (!arrival.key().isValid()) {
      subscribers.remove(subscriber); // he has left meanwhile
    }
    selector.wakeup();
  }

  void push(FromNode message) {
    if (!subscribers.isEmpty()) {
      StartLine.of(message)
          .ifPresent(
              line -> {
                subscribers.forEach(subscriber -> subscriber.push(line));
                selector.wakeup();
              });
    }
  }

  /** How many listen. */
  int present() {
    return subscribers.size();
  }

  @Override
  public void close() {
    open = false;
    selector.wakeup();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.warn("the socket of starts stays path={} why={}", path, e.toString());
    }
  }
}
