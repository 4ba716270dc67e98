package dev.thaw.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that does nothing but connect, one connection after the other, a few thousand in a
 * second, until it is closed or two minutes are over. Each ends with a reset, so that no port
 * waits.
 */
final class Connects implements AutoCloseable {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final long PAUSE_NANOS = 100_000;

  private final InetSocketAddress service;
  private final Thread thread = new Thread(this::connect, "connects");
  private volatile boolean closed;
  private volatile @Nullable IOException failure;

  Connects(String host, int port) {
    service = new InetSocketAddress(host, port);
    thread.setDaemon(true);
    thread.start();
  }

  private void connect() {
    long end = System.nanoTime() + LONGEST_NANOS;
    try {
      while (!closed && System.nanoTime() < end) {
        try (var socket = new Socket()) {
          socket.setSoLinger(true, 0);
          socket.connect(service, 1_000);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  /** Whether it has connected all the time. */
  void checkAlive() throws IOException {
    if (failure != null) {
      throw new IOException("a client could not connect to " + service, failure);
    } else if (!thread.isAlive()) {
      throw new IllegalStateException("the clients' two minutes were over before the changes were");
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(2_000); // it ends with its present connection
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
