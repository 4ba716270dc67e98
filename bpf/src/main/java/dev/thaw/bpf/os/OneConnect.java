package dev.thaw.bpf.os;

import com.sun.jna.Memory;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What came of one blocking TCP connect to an IPv4 address, through the system's own calls: the JVM
 * would choose the family itself and show the address it dialled.
 *
 * @param errno why it failed; 0 when it did not
 * @param peer what {@code getpeername} then says; IPv4-mapped addresses come out as IPv4
 */
public record OneConnect(int errno, Optional<InetSocketAddress> peer) {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM_CLOEXEC = 0x80001;
  private static final int LONGEST = 28;

  /**
   * Connects and closes again.
   *
   * @param mapped by a v6 socket, to the address mapped into IPv6
   * @return empty when this machine has no such sockets
   */
  public static Optional<OneConnect> to(InetSocketAddress address, boolean mapped) {
    int socket = LibC.socket(mapped ? AF_INET6 : AF_INET, SOCK_STREAM_CLOEXEC, 0);
    if (socket < 0) {
      return Optional.empty();
    }
    try (var name = new Memory(LONGEST);
        var length = new Memory(4)) {
      int size = write(name, address, mapped);
      if (LibC.connect(socket, name, size) < 0) {
        return Optional.of(new OneConnect(LibC.errno(), Optional.empty()));
      }
      length.setInt(0, LONGEST);
      boolean told = LibC.getpeername(socket, name, length) == 0;
      return Optional.of(
          new OneConnect(0, told ? Optional.of(read(name, mapped)) : Optional.empty()));
    } finally {
      LibC.close(socket);
    }
  }

  private static int write(Memory name, InetSocketAddress address, boolean mapped) {
    byte[] raw = address.getAddress().getAddress();
    name.clear();
    name.setShort(0, (short) (mapped ? AF_INET6 : AF_INET));
    name.setByte(2, (byte) (address.getPort() >> 8));
    name.setByte(3, (byte) address.getPort());
    if (!mapped) {
      name.write(4, raw, 0, 4);
      return 16;
    }
    name.setByte(18, (byte) 0xff);
    name.setByte(19, (byte) 0xff);
    name.write(20, raw, 0, 4);
    return LONGEST;
  }

  private static InetSocketAddress read(Memory name, boolean mapped) {
    int port = Byte.toUnsignedInt(name.getByte(2)) << 8 | Byte.toUnsignedInt(name.getByte(3));
    byte[] raw = mapped ? name.getByteArray(8, 16) : name.getByteArray(4, 4);
    return new InetSocketAddress(Listeners.inet(raw), port);
  }
}
