package dev.thaw.bpf.os;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The TCP sockets that listen in this network namespace, from {@code /proc/net/tcp} and {@code
 * tcp6}.
 */
public final class Listeners {
  private static final String LISTEN = "0A";

  private Listeners() {}

  /** One listening socket and its inode. */
  public record Listener(InetSocketAddress address, long inode) {
    /** Whether it takes connections to this address: it is its own, or every one of that port. */
    boolean holds(InetSocketAddress wanted) {
      return address.getPort() == wanted.getPort()
          && (address.getAddress().isAnyLocalAddress()
              || address.getAddress().equals(wanted.getAddress()));
    }
  }

  /** How many sockets listen on each address. IPv4-mapped addresses come out as IPv4. */
  public static Map<InetSocketAddress, Integer> all() {
    var counts = new HashMap<InetSocketAddress, Integer>();
    read(Path.of("/proc/net"))
        .forEach(listener -> counts.merge(listener.address(), 1, Integer::sum));
    return counts;
  }

  /**
   * Who keeps others from listening there, such as {@code process 7 (/usr/bin/nginx)}; empty when
   * nobody does. Looks at all processes, but only where somebody does.
   */
  public static Optional<String> holder(InetSocketAddress wanted) {
    Set<Long> taken =
        read(Path.of("/proc/net")).stream()
            .filter(listener -> listener.holds(wanted))
            .map(Listener::inode)
            .collect(Collectors.toSet());
    if (taken.isEmpty()) {
      return Optional.empty();
    }
    return ProcessHandle.allProcesses()
        .filter(process -> !Collections.disjoint(sockets((int) process.pid()), taken))
        .findFirst()
        .map(
            process ->
                "process %d (%s)"
                    .formatted(process.pid(), process.info().command().orElse("unknown")))
        .or(() -> Optional.of("a process that may not be looked at"));
  }

  /** The listeners that a process holds; empty when it is gone or may not be looked at. */
  public static List<Listener> of(int pid) {
    Set<Long> inodes = sockets(pid);
    return read(Path.of("/proc/" + pid + "/net")).stream()
        .filter(listener -> inodes.contains(listener.inode()))
        .toList();
  }

  private static Set<Long> sockets(int pid) {
    try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return descriptors
          .map(Listeners::target)
          .filter(target -> target.startsWith("socket:["))
          .map(target -> Long.parseLong(target.substring(8, target.length() - 1)))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      return Set.of();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  static List<Listener> read(Path net) {
    var listeners = new ArrayList<Listener>();
    for (String table : List.of("tcp", "tcp6")) {
      try {
        Files.readAllLines(net.resolve(table)).stream()
            .skip(1)
            .map(line -> line.trim().split("\\s+"))
            .filter(fields -> fields.length > 9 && fields[3].equals(LISTEN))
            .forEach(
                fields ->
                    listeners.add(new Listener(address(fields[1]), Long.parseLong(fields[9]))));
      } catch (IOException e) {
        // no such table here (IPv6 switched off), or the process is gone: nothing listens there
        continue;
      }
    }
    return listeners;
  }

  /**
   * Such as {@code 0100007F:1F90}: 32-bit words in the machine's order, the port in plain
   * hexadecimal.
   */
  static InetSocketAddress address(String field) {
    int colon = field.indexOf(':');
    byte[] words = HexFormat.of().parseHex(field, 0, colon);
    var bytes = ByteBuffer.allocate(words.length);
    var machine = ByteBuffer.wrap(words).order(ByteOrder.BIG_ENDIAN);
    bytes.order(ByteOrder.nativeOrder());
    while (machine.hasRemaining()) {
      bytes.putInt(machine.getInt());
    }
    return new InetSocketAddress(
        inet(bytes.array()), Integer.parseInt(field.substring(colon + 1), 16));
  }

  /** An address from its 4 or 16 bytes. */
  public static InetAddress inet(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(bytes.length + " bytes (accepted: 4 or 16)", e);
    }
  }
}
