package dev.thaw.bpf;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.os.OneConnect;
import dev.thaw.bpf.preflight.Findings;
import dev.thaw.bpf.preflight.Findings.Dialled;
import dev.thaw.bpf.preflight.Findings.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Balances an address of nobody over one backend and dials it from a group below: whether our hooks
 * are in force shows in where the connect ends. A process visits that group and comes back.
 */
final class Canary {
  private static final int SERVICE = 0;
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.99.99.1", 9);

  private Canary() {}

  /** {@code cgroup}: where the hooks are attached for this moment. */
  static Findings.Canary fly(Path cgroup) {
    String name = "thaw-preflight-" + ProcessHandle.current().pid();
    var pins = new Pins(Pins.FILE_SYSTEM.resolve(name));
    if (!loopbackIsUp()) {
      return new Findings.Canary(ADDRESS, Map.of(), "", false);
    }
    boolean mounted = Pins.isMounted();
    try (var server = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"));
        var balancer = Balancer.open(pins, cgroup)) {
      balancer.define(SERVICE, ADDRESS, Balancer.OnSilence.KEEP);
      balancer.apply(
          SERVICE,
          1,
          List.of(
              new Balancer.Backend(
                  0, new InetSocketAddress("127.0.0.1", server.getLocalPort()), 1)));
      try (var visit = new Visit(cgroup.resolve(name))) {
        visit.enter();
        return new Findings.Canary(ADDRESS, dial(balancer), "", true);
      }
    } catch (BpfException | IOException e) {
      return new Findings.Canary(ADDRESS, Map.of(), String.valueOf(e.getMessage()), true);
    } finally {
      pins.removeAll();
      if (!mounted && Pins.isMounted()) {
        Pins.unmount();
      }
    }
  }

  private static boolean loopbackIsUp() {
    try {
      NetworkInterface loopback = NetworkInterface.getByName("lo");
      return loopback != null && loopback.isUp();
    } catch (SocketException e) {
      return true; // not known: dialling tells
    }
  }

  private static Map<String, Dialled> dial(Balancer balancer) {
    var results = new TreeMap<String, Dialled>();
    for (String family : List.of("4", "6")) {
      long before = picks(balancer);
      Optional<OneConnect> made = OneConnect.to(ADDRESS, family.equals("6"));
      if (made.isEmpty()) {
        continue; // a machine without IPv6
      }
      boolean picked = picks(balancer) > before;
      results.put("connect" + family, connect(made.get(), picked));
      if (picked && made.get().errno() == 0) {
        results.put("getpeername" + family, peer(made.get().peer()));
      }
    }
    return results;
  }

  private static Dialled connect(OneConnect made, boolean picked) {
    if (made.errno() == 0) {
      return picked
          ? new Dialled(Outcome.ARRIVED, "")
          : new Dialled(Outcome.ELSEWHERE, "the connect went elsewhere");
    }
    return new Dialled(
        made.errno() == LibC.EPERM ? Outcome.DENIED : picked ? Outcome.FAILED : Outcome.ELSEWHERE,
        (picked ? "" : "the connect was not taken: ") + LibC.message(made.errno()));
  }

  private static Dialled peer(Optional<InetSocketAddress> shown) {
    return shown.equals(Optional.of(ADDRESS))
        ? new Dialled(Outcome.ARRIVED, "")
        : new Dialled(
            Outcome.ELSEWHERE,
            "shows %s (expected: %s)"
                .formatted(shown.map(Object::toString).orElse("nothing"), ADDRESS));
  }

  private static long picks(Balancer balancer) {
    return balancer.picks(SERVICE).stream().mapToLong(Balancer.PickCount::picks).sum();
  }

  /** This process in another control group until it is closed. */
  private static final class Visit implements AutoCloseable {
    private final Path group;
    private final Path home;

    Visit(Path group) throws IOException {
      this.group = group;
      this.home = home();
      Files.createDirectory(group);
    }

    void enter() throws IOException {
      move(group);
    }

    private static Path home() throws IOException {
      Path root =
          CgroupLayout.detect().unified().orElseThrow(() -> new IOException("no cgroup2 mount"));
      String path =
          Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
              .filter(line -> line.startsWith("0::/"))
              .map(line -> line.substring(4))
              .findFirst()
              .orElse("");
      return root.resolve(path);
    }

    private static void move(Path group) throws IOException {
      Files.writeString(group.resolve("cgroup.procs"), "" + ProcessHandle.current().pid());
    }

    @Override
    public void close() throws IOException {
      move(home);
      Files.delete(group);
    }
  }
}
