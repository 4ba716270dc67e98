package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.thaw.bpf.Balancer.Backend;
import dev.thaw.bpf.Balancer.OnSilence;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("root")
@ExtendWith(NeedsKernel.class)
class BalancerIT {
  private static final Path CGROUP = CgroupLayout.detect().unified().orElse(Path.of("/"));
  private static final int SERVICE = 3;

  private final Pins pins =
      new Pins(Path.of("/sys/fs/bpf/thaw-test-balancer-" + ProcessHandle.current().pid()));
  private final List<ServerSocket> servers = new ArrayList<>();
  private final List<Thread> acceptors = new ArrayList<>();
  private Balancer balancer;

  @BeforeEach
  void open() {
    balancer = Balancer.open(pins, CGROUP);
  }

  @AfterEach
  void unpin() throws IOException {
    balancer.unpin();
    for (ServerSocket server : servers) {
      server.close();
    }
  }

  @Test
  void splitsConnectsByWeight() throws IOException {
    var service = new InetSocketAddress("127.100.55.1", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 7, List.of(backend(0, 60), backend(1, 30), backend(2, 10)));

    Map<Integer, Long> taken = connect(service, 3000);

    assertThat(taken.get(0) / 3000.0).isCloseTo(0.6, within(0.04));
    assertThat(taken.get(1) / 3000.0).isCloseTo(0.3, within(0.04));
    assertThat(taken.get(2) / 3000.0).isCloseTo(0.1, within(0.03));
    assertThat(balancer.picks(SERVICE))
        .allSatisfy(count -> assertThat(count.epoch()).isEqualTo(7))
        .extracting(Balancer.PickCount::picks)
        .satisfies(
            picks -> assertThat(picks.stream().mapToLong(Long::longValue).sum()).isEqualTo(3000));
    assertThat(balancer.picks(SERVICE).stream().mapToLong(Balancer.PickCount::connects).sum())
        .isEqualTo(3000);
  }

  @Test
  void tellsWhenATableWasFirstPickedFrom() throws IOException {
    var service = new InetSocketAddress("127.100.55.4", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 7, List.of(backend(0, 1)));

    long before = Clocks.monotonicNanos();
    connect(service, 1);
    long after = Clocks.monotonicNanos();
    connect(service, 50);

    assertThat(balancer.picks(SERVICE))
        .singleElement()
        .satisfies(count -> assertThat(count.firstPickNanos()).isBetween(before, after));
  }

  @Test
  void showsTheClientTheAddressItDialled() throws IOException {
    var service = new InetSocketAddress("127.100.55.2", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 1, List.of(backend(0, 1)));

    String seen =
        python(
            "s=socket.create_connection(('127.100.55.2',8080)); print(s.getpeername()[0], s.getpeername()[1])");

    assertThat(seen).isEqualTo("127.100.55.2 8080");
  }

  @Test
  void balancesAnIpv6ServiceAndIpv4MappedClients() throws IOException {
    var service6 = new InetSocketAddress("fd00:7468::1", 8080);
    var service4 = new InetSocketAddress("127.100.55.3", 8080);
    var server6 = new ServerSocket(0, 50, InetAddress.getByName("::1"));
    servers.add(server6);
    balancer.define(SERVICE, service6, OnSilence.KEEP);
    balancer.apply(
        SERVICE,
        1,
        List.of(new Backend(0, new InetSocketAddress("::1", server6.getLocalPort()), 1)));
    balancer.define(SERVICE + 1, service4, OnSilence.KEEP);
    balancer.apply(SERVICE + 1, 1, List.of(backend(0, 1)));

    String native6 =
        python("s=socket.create_connection(('fd00:7468::1',8080)); print(s.getpeername()[0])");
    String mapped =
        python(
            "s=socket.socket(socket.AF_INET6); s.connect(('::ffff:127.100.55.3',8080)); print(s.getpeername()[0])");

    assertThat(native6).isEqualTo("fd00:7468::1");
    assertThat(mapped).isEqualTo("::ffff:127.100.55.3");
  }

  @Test
  void aSocketThatReconnectsElsewhereForgets() throws IOException {
    var service = new InetSocketAddress("127.100.55.4", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 1, List.of(backend(0, 1)));
    var elsewhere = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    servers.add(elsewhere);

    String seen =
        python(
            """
            s=socket.socket(); s.connect(('127.100.55.4',8080)); libc=ctypes.CDLL(None)
            unspec=bytes(16); libc.connect(s.fileno(), unspec, 16)
            s.connect(('127.0.0.1',%d)); print(s.getpeername()[0])
            """
                .formatted(elsewhere.getLocalPort()));

    assertThat(seen).isEqualTo("127.0.0.1");
  }

  @Test
  void skipsADeadBackendAlsoWhenNoAgentIsAlive() throws Exception {
    var service = new InetSocketAddress("127.100.55.5", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 1, List.of(backend(0, 100), backend(1, 1)));
    balancer.close();

    stopListening(0);
    Map<Integer, Long> taken = connect(service, 200);

    assertThat(taken).containsOnly(Map.entry(1, 200L));
    balancer = Balancer.open(pins, CGROUP);
  }

  /** As on kernels before 5.11, where connects cannot be told from failures. */
  @Test
  void skipsADeadBackendAlsoWhereConnectsStayUncounted() throws Exception {
    balancer.unpin();
    balancer = Balancer.open(pins, CGROUP, List.of("on_listener_plain"));
    var service = new InetSocketAddress("127.100.55.5", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 1, List.of(backend(0, 100), backend(1, 1)));

    stopListening(0);
    Map<Integer, Long> taken = connect(service, 100);

    assertThat(taken).containsOnly(Map.entry(1, 100L));
    assertThat(balancer.picks(SERVICE)).extracting(Balancer.PickCount::connects).containsOnly(0L);
  }

  @Test
  void anybodyReadsTheTablesAndChangesNothing() throws IOException {
    var service = new InetSocketAddress("127.100.55.6", 8080);
    var backends = List.of(backend(5, 99), backend(6, 1));
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 42, backends);

    try (PinnedBalance pinned = PinnedBalance.open(pins).orElseThrow()) {
      assertThat(pinned.services()).containsExactly(Map.entry(SERVICE, service));
      assertThat(pinned.table(SERVICE)).contains(new Balancer.AppliedTable(42, backends));
      assertThat(pinned.isAlive()).isTrue();
    }
    try (var services = BpfMap.pinnedReadOnly(pins, "services", 24, 8)) {
      assertThatThrownBy(() -> services.remove(Balancer.Endpoints.bytes(service)))
          .hasMessageContaining("Operation not permitted");
    }
  }

  @Test
  void whereNothingIsPinnedThereIsNothingToRead() {
    assertThat(PinnedBalance.open(new Pins(pins.folder().resolveSibling("thaw-test-none"))))
        .isEmpty();
  }

  @Test
  void keepsATableOverARestartAndReadsItBack() throws IOException {
    var service = new InetSocketAddress("127.100.55.6", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    var backends = List.of(backend(5, 99), backend(6, 1));
    balancer.apply(SERVICE, 42, backends);
    balancer.close();

    balancer = Balancer.open(pins, CGROUP);

    assertThat(balancer.table(SERVICE)).contains(new Balancer.AppliedTable(42, backends));
    assertThat(balancer.services()).containsEntry(SERVICE, service);
    assertThat(total(connect(service, 50))).isEqualTo(50);
  }

  @Test
  void losesNoConnectWhileTablesAreReplaced() throws Exception {
    var service = new InetSocketAddress("127.100.55.7", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    var a = backend(0, 1);
    var b = backend(1, 1);
    balancer.apply(SERVICE, 0, List.of(a, b));
    var stop = new AtomicBoolean();
    var writer =
        new Thread(
            () -> {
              for (long epoch = 1; !stop.get(); epoch++) {
                balancer.apply(SERVICE, epoch, epoch % 2 == 0 ? List.of(a) : List.of(b, a));
              }
            });
    writer.start();

    Map<Integer, Long> taken = connect(service, 3000);
    stop.set(true);
    writer.join();

    assertThat(total(taken)).isEqualTo(3000);
  }

  @Test
  void withoutATableConnectsGoWhereTheySay() throws IOException {
    var address = new InetSocketAddress("127.0.0.1", backend(0, 1).address().getPort());
    balancer.define(SERVICE, address, OnSilence.KEEP);

    assertThat(connect(address, 3)).isEmpty();
  }

  @Test
  void withNoLiveBackendTheClientIsRefusedAndNotLeftWaiting() throws Exception {
    var service = new InetSocketAddress("127.100.55.8", 8080);
    balancer.define(SERVICE, service, OnSilence.KEEP);
    balancer.apply(SERVICE, 1, List.of(backend(0, 1)));
    stopListening(0);

    assertThatThrownBy(() -> connect(service, 1)).hasMessageContaining("refused");
  }

  @Test
  void refusesPinsOfAnotherVersion() {
    try (var settings = BpfMap.pinned(pins, "settings", 4, 8)) {
      settings.put(BpfMap.key(0), BpfMap.buffer(8).putLong(0, 99));
    }

    assertThatThrownBy(() -> Balancer.open(pins, CGROUP))
        .isInstanceOf(BpfException.class)
        .hasMessageContaining("version 99")
        .hasMessageContaining("--cleanup");
  }

  /** A backend that something listens on, 127.0.0.1 and a port of its own. */
  private Backend backend(int slot, int weight) throws IOException {
    var server = new ServerSocket(0, 1000, InetAddress.getByName("127.0.0.1"));
    servers.add(server);
    var acceptor =
        new Thread(
            () -> {
              try {
                while (true) {
                  server.accept().close();
                }
              } catch (IOException e) {
                return; // closed by the test
              }
            });
    acceptor.setDaemon(true);
    acceptor.start();
    acceptors.add(acceptor);
    return new Backend(slot, new InetSocketAddress("127.0.0.1", server.getLocalPort()), weight);
  }

  /**
   * A thread that waits in accept keeps the socket open until it is woken: the test waits for it.
   */
  private void stopListening(int server) throws Exception {
    servers.get(server).close();
    acceptors.get(server).join();
  }

  private static long total(Map<Integer, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Connects so often; how many each slot got of them. */
  private Map<Integer, Long> connect(InetSocketAddress to, int times) throws IOException {
    Map<Integer, Long> before = picks();
    for (int i = 0; i < times; i++) {
      try (var socket = new Socket()) {
        socket.connect(to);
      }
    }
    Map<Integer, Long> gained = picks();
    before.forEach((slot, count) -> gained.merge(slot, -count, Long::sum));
    gained.values().removeIf(count -> count == 0);
    return gained;
  }

  private Map<Integer, Long> picks() {
    var bySlot = new HashMap<Integer, Long>();
    try (var reader = Balancer.open(pins, CGROUP)) {
      reader.picks(SERVICE).forEach(count -> bySlot.merge(count.slot(), count.picks(), Long::sum));
    }
    return bySlot;
  }

  private static String python(String script) throws IOException {
    var process =
        new ProcessBuilder("python3", "-c", "import socket, ctypes\n" + script)
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes()).strip();
  }
}
