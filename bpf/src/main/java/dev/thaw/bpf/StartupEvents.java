package dev.thaw.bpf;

import com.sun.jna.Pointer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads {@code struct startup_event} of {@code startup_event.h}. */
final class StartupEvents {
  static final int SIZE = 344;
  private static final int AF_INET6 = 10;

  private StartupEvents() {}

  /** The record at this address, or null for a type of a later version. */
  static @Nullable KernelEvent read(Pointer at) {
    long atNanos = at.getLong(0);
    long cgroup = at.getLong(8);
    long cgroupV1 = at.getLong(16);
    int pid = at.getInt(52);
    return switch (at.getInt(48)) {
      case 1 -> exec(at);
      case 2 -> new KernelEvent.Exit(atNanos, pid, cgroup, cgroupV1, at.getInt(64));
      case 3 -> new KernelEvent.Listen(atNanos, pid, cgroup, cgroupV1, address(at), at.getLong(40));
      case 4 ->
          new KernelEvent.ListenClosed(atNanos, pid, cgroup, cgroupV1, address(at), at.getLong(40));
      case 5 -> new KernelEvent.Mark(atNanos, pid, cgroup, cgroupV1, MarkKind.RUNTIME_MAIN);
      case 6 -> new KernelEvent.Mark(atNanos, pid, cgroup, cgroupV1, MarkKind.MAIN_MAIN);
      case 7 -> new KernelEvent.Mark(atNanos, pid, cgroup, cgroupV1, MarkKind.NET_HTTP_SERVE);
      case 8 -> new KernelEvent.Mark(atNanos, pid, cgroup, cgroupV1, MarkKind.GRPC_SERVE);
      case 9 -> new KernelEvent.Stopped(exec(at));
      default -> null;
    };
  }

  private static KernelEvent.Exec exec(Pointer at) {
    return new KernelEvent.Exec(
        at.getLong(0),
        at.getInt(52),
        at.getInt(56),
        at.getLong(8),
        at.getLong(16),
        at.getLong(24),
        new ImageId(at.getLong(32), Integer.toUnsignedLong(at.getInt(60))),
        at.getString(88, StandardCharsets.UTF_8.name()));
  }

  /** IPv4-mapped addresses come out as IPv4. */
  private static InetSocketAddress address(Pointer at) {
    int length = at.getShort(68) == AF_INET6 ? 16 : 4;
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(at.getByteArray(72, length)),
          Short.toUnsignedInt(at.getShort(70)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }
}
