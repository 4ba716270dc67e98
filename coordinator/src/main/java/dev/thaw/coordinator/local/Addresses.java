package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.WarmupPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Which address a replica listens on. */
final class Addresses {
  private static final int HOSTS = 254;

  private Addresses() {}

  /**
   * A loopback address of the replica's own, which follows from the policy's name and the replica's
   * number; for a v6 service ::1 with a port that is free now.
   */
  static Endpoint of(WarmupPolicy policy, int index) {
    if (policy.service().host().contains(":")) {
      return new Endpoint("::1", freePort());
    }
    int place = Math.floorMod(policy.name().hashCode() + index, HOSTS * HOSTS);
    return new Endpoint(
        "127.101.%d.%d".formatted(1 + place / HOSTS, 1 + place % HOSTS), policy.targetPort());
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on ::1", e);
    }
  }
}
