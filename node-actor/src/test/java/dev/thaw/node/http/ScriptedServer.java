package dev.thaw.node.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that says what a test wants, byte by byte. */
public final class ScriptedServer implements AutoCloseable {
  /** What it does with one connection; the connection is closed afterwards. */
  public interface Script {
    void serve(InputStream in, OutputStream out) throws Exception;
  }

  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger taken = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private ScriptedServer(ServerSocket listener, Script script) {
    this.listener = listener;
    threads.execute(
        () -> {
          while (!listener.isClosed()) {
            take(script);
          }
        });
  }

  public static ScriptedServer start(Script script) {
    try {
      return on(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ScriptedServer on(ServerSocket listener, Script script) {
    return new ScriptedServer(listener, script);
  }

  private void take(Script script) {
    try {
      Socket socket = listener.accept();
      open.add(socket);
      taken.incrementAndGet();
      threads.execute(() -> serve(socket, script));
    } catch (IOException | RejectedExecutionException closed) {
      // the test is over
    }
  }

  private void serve(Socket socket, Script script) {
    try (socket) {
      script.serve(socket.getInputStream(), socket.getOutputStream());
    } catch (Exception gone) {
      // the client has closed first, which is its right
    } finally {
      open.remove(socket);
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** Connections it has taken so far. */
  public int connections() {
    return taken.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
