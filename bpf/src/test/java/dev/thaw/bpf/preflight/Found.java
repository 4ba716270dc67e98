package dev.thaw.bpf.preflight;

import dev.thaw.bpf.preflight.Findings.BpfFileSystem;
import dev.thaw.bpf.preflight.Findings.Canary;
import dev.thaw.bpf.preflight.Findings.Cgroups;
import dev.thaw.bpf.preflight.Findings.Dialled;
import dev.thaw.bpf.preflight.Findings.HookProgram;
import dev.thaw.bpf.preflight.Findings.Hooks;
import dev.thaw.bpf.preflight.Findings.Load;
import dev.thaw.bpf.preflight.Findings.Rights;
import dev.thaw.bpf.preflight.Findings.Unwritable;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine on which all is well, and what a test makes worse about it. */
final class Found {
  static final long ALL = 0x1ffffffffffL;
  static final Dialled ARRIVED = new Dialled(Findings.Outcome.ARRIVED, "");
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.99.99.1", 9);
  private static final Path ROOT = Path.of("/sys/fs/cgroup/unified");

  String release = "6.1.0-18-amd64";
  boolean btf = true;
  boolean bpfMounted = true;
  boolean bpfWritable = true;
  long capabilities = ALL;
  boolean initialUserNamespace = true;
  Optional<String> lockdown = Optional.of("integrity");
  Optional<Integer> perfParanoid = Optional.of(2);
  boolean uprobes = true;
  Optional<String> libbpf = Optional.of("v1.1");
  Optional<Path> cgroup2 = Optional.of(ROOT);
  boolean cpu = true;
  Optional<String> cpuUnmounted = Optional.empty();
  Optional<Unwritable> unwritable = Optional.empty();
  Map<String, Boolean> classifiers = Map.of("net_cls", false, "net_prio", false);
  List<HookProgram> programs = List.of();
  String hooksUnseen = "";
  Map<Path, String> pins = Map.of();
  Map<String, String> objects = Map.of("startup", "", "balance", "");
  String loadDetail = "";
  List<String> layouts = List.of();
  Map<String, Dialled> canary = Map.of("connect4", ARRIVED, "getpeername4", ARRIVED);
  String canaryUntried = "";
  boolean loopback = true;
  boolean loaded = true;

  Findings findings() {
    return new Findings(
        release,
        btf,
        new BpfFileSystem(Path.of("/sys/fs/bpf"), bpfMounted, bpfWritable),
        new Rights(capabilities, initialUserNamespace),
        lockdown,
        perfParanoid,
        uprobes,
        libbpf,
        new Cgroups(cgroup2, cpu, cpuUnmounted, unwritable, classifiers),
        new Hooks(ROOT, programs, hooksUnseen),
        pins,
        loaded
            ? Optional.of(
                new Load(
                    objects,
                    loadDetail,
                    layouts,
                    new Canary(ADDRESS, canary, canaryUntried, loopback)))
            : Optional.empty());
  }
}
