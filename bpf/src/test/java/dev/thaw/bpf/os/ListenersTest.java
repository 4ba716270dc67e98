package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On tables as a little-endian machine writes them. */
class ListenersTest {
  private static final String TCP =
      """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 48211 1 0000000000000000 100 0 0 10 0
         1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17002 1 0000000000000000 100 0 0 10 0
         2: 0100007F:1F90 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 48305 1 0000000000000000 20 4 30 10 -1
      """;
  private static final String TCP6 =
      """
        sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 50001 1 0000000000000000 100 0 0 10 0
         1: 0000000000000000FFFF00000900007F:4820 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 50002 1 0000000000000000 100 0 0 10 0
      """;

  @TempDir Path net;

  @Test
  void onlyListenersAreReadWithAddressPortAndInode() throws IOException {
    Files.writeString(net.resolve("tcp"), TCP);
    Files.writeString(net.resolve("tcp6"), TCP6);

    assertThat(Listeners.read(net))
        .containsExactly(
            new Listeners.Listener(new InetSocketAddress("127.0.0.1", 8080), 48_211),
            new Listeners.Listener(new InetSocketAddress("0.0.0.0", 22), 17_002),
            new Listeners.Listener(new InetSocketAddress("::1", 80), 50_001),
            new Listeners.Listener(new InetSocketAddress("127.0.0.9", 18_464), 50_002));
  }

  @Test
  void aMachineWithoutIpv6HasTheOtherTableAlone() throws IOException {
    Files.writeString(net.resolve("tcp"), TCP);

    assertThat(Listeners.read(net)).hasSize(2);
  }

  @Test
  void linesCutShortArePassedOver() throws IOException {
    Files.writeString(net.resolve("tcp"), TCP.substring(0, TCP.indexOf("48211")));

    assertThat(Listeners.read(net)).isEmpty();
  }

  @Test
  void ofAProcessOnlyItsOwnListenersCount() throws Exception {
    Process other = new ProcessBuilder("sleep", "1000").start();
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = (InetSocketAddress) socket.getLocalSocketAddress();

      assertThat(Listeners.of((int) ProcessHandle.current().pid()))
          .extracting(Listeners.Listener::address)
          .contains(address);
      assertThat(Listeners.all()).containsEntry(address, 1);
      assertThat(Listeners.of((int) other.pid())).isEmpty();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void whoKeepsOthersFromListeningIsNamed() throws Exception {
    int port;
    try (var everywhere = new ServerSocket(0)) {
      port = everywhere.getLocalPort();
      assertThat(Listeners.holder(new InetSocketAddress("127.0.0.9", port)))
          .hasValueSatisfying(
              who -> assertThat(who).startsWith("process " + ProcessHandle.current().pid() + " ("));
    }

    assertThat(Listeners.holder(new InetSocketAddress("127.0.0.9", port))).isEmpty();
  }

  @Test
  void aProcessThatIsGoneHasNone() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();

    assertThat(Listeners.of((int) process.pid())).isEmpty();
  }
}
