package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.WarmupPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.stream.IntStream;

/** Which address a replica listens on. */
final class Addresses {
  private static final int HOSTS = 254;

  /** Neighbouring names begin far apart: 2^32 divided by the golden ratio. */
  private static final int SPREAD = 0x9E3779B1;

  /** So many neighbours are tried when an address is somebody's already. */
  private static final int TRIES = 16;

  private Addresses() {}

  /**
   * A loopback address of the replica's own, which follows from the policy's name and the replica's
   * number unless somebody has it; for a v6 service ::1 with a port that is free now.
   *
   * @param taken what other replicas have, whether they listen yet or not
   */
  static Endpoint of(WarmupPolicy policy, int index, Collection<Endpoint> taken) {
    if (policy.service().host().contains(":")) {
      return IntStream.range(0, TRIES)
          .mapToObj(unused -> new Endpoint("::1", freePort()))
          .filter(endpoint -> !taken.contains(endpoint))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no free port on ::1"));
    }
    return IntStream.range(0, TRIES)
        .mapToObj(further -> place(policy, index + further))
        .filter(endpoint -> !taken.contains(endpoint) && free(endpoint))
        .findFirst()
        .orElseGet(() -> place(policy, index)); // its start fails, and that is said
  }

  private static Endpoint place(WarmupPolicy policy, int index) {
    int place = Math.floorMod(policy.name().hashCode() * SPREAD + index, HOSTS * HOSTS);
    return new Endpoint(
        "127.101.%d.%d".formatted(1 + place / HOSTS, 1 + place % HOSTS), policy.targetPort());
  }

  private static boolean free(Endpoint endpoint) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port()));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on ::1", e);
    }
  }
}
