package dev.thaw.bpf;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.OneConnect;
import dev.thaw.bpf.preflight.Findings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
        return new Findings.Canary(dial(balancer), "");
      }
    } catch (BpfException | IOException e) {
      return new Findings.Canary(Map.of(), String.valueOf(e.getMessage()));
    } finally {
      pins.removeAll();
      if (!mounted && Pins.isMounted()) {
        Pins.unmount();
      }
    }
  }

  private static Map<String, String> dial(Balancer balancer) {
    var results = new TreeMap<String, String>();
    for (String family : List.of("4", "6")) {
      long before = picks(balancer);
      Optional<OneConnect> made = OneConnect.to(ADDRESS, family.equals("6"));
      if (made.isEmpty()) {
        continue; // a machine without IPv6
      }
      boolean picked = picks(balancer) > before;
      results.put("connect" + family, connect(made.get(), picked));
      if (picked && made.get().error().isEmpty()) {
        boolean same = made.get().peer().equals(Optional.of(ADDRESS));
        results.put(
            "getpeername" + family,
            same
                ? ""
                : "shows %s (expected: %s)"
                    .formatted(made.get().peer().map(Object::toString).orElse("nothing"), ADDRESS));
      }
    }
    return results;
  }

  private static String connect(OneConnect made, boolean picked) {
    if (picked) {
      return made.error();
    }
    return made.error().isEmpty()
        ? "the connect went elsewhere"
        : "the connect was not taken: " + made.error();
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
