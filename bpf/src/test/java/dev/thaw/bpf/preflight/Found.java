package dev.thaw.bpf.preflight;

import dev.thaw.bpf.preflight.Findings.BpfFileSystem;
import dev.thaw.bpf.preflight.Findings.Canary;
import dev.thaw.bpf.preflight.Findings.Cgroups;
import dev.thaw.bpf.preflight.Findings.HookProgram;
import dev.thaw.bpf.preflight.Findings.Hooks;
import dev.thaw.bpf.preflight.Findings.Load;
import dev.thaw.bpf.preflight.Findings.Rights;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine on which all is well, and what a test makes worse about it. */
final class Found {
  static final long ALL = 0x1ffffffffffL;
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
  boolean groupsWritable = true;
  Map<String, Boolean> classifiers = Map.of("net_cls", false, "net_prio", false);
  List<HookProgram> programs = List.of();
  String hooksUnseen = "";
  Map<Path, String> pins = Map.of();
  Map<String, String> objects = Map.of("startup", "", "balance", "");
  List<String> layouts = List.of();
  Map<String, String> canary = Map.of("connect4", "", "getpeername4", "");
  String canaryUntried = "";
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
        new Cgroups(cgroup2, cpu, groupsWritable, classifiers),
        new Hooks(ROOT, programs, hooksUnseen),
        pins,
        loaded
            ? Optional.of(new Load(objects, layouts, new Canary(canary, canaryUntried)))
            : Optional.empty());
  }
}
