package dev.thaw.bpf.preflight;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was found on a machine, before anybody has judged it.
 *
 * @param release of the kernel, such as {@code 6.1.0-18-amd64}; empty when it cannot be read
 * @param btf whether the kernel shows its types at {@code /sys/kernel/btf/vmlinux}
 * @param lockdown the mode in force; empty where the kernel does not show it
 * @param perfParanoid {@code perf_event_paranoid}; empty on a kernel without perf events
 * @param uprobes whether the kernel can put probes on user programs
 * @param libbpf its version; empty when it cannot be loaded
 * @param pins of other runs, with what does not fit this build; empty texts fit
 * @param load empty when nothing was loaded
 */
public record Findings(
    String release,
    boolean btf,
    BpfFileSystem bpfFileSystem,
    Rights rights,
    Optional<String> lockdown,
    Optional<Integer> perfParanoid,
    boolean uprobes,
    Optional<String> libbpf,
    Cgroups cgroups,
    Hooks hooks,
    Map<Path, String> pins,
    Optional<Load> load) {

  public Findings {
    pins = Map.copyOf(pins);
  }

  /** The BPF file system where programs and maps outlive their agent. */
  public record BpfFileSystem(Path at, boolean mounted, boolean writable) {}

  /**
   * What this process may do.
   *
   * @param effective bits of {@code CapEff}
   * @param initialUserNamespace whether they count against the kernel and not only in a namespace
   */
  public record Rights(long effective, boolean initialUserNamespace) {}

  /**
   * Control groups.
   *
   * @param cgroup2 where it is mounted; empty on a pure v1 machine
   * @param cpu whether a hierarchy with the cpu controller is there
   * @param writable whether groups of our own can be made in every hierarchy that is used
   * @param classifiers the v1 controllers that class sockets, and whether each is mounted
   */
  public record Cgroups(
      Optional<Path> cgroup2, boolean cpu, boolean writable, Map<String, Boolean> classifiers) {
    public Cgroups {
      classifiers = Map.copyOf(classifiers);
    }
  }

  /**
   * Who sits on the hooks that balancing needs.
   *
   * @param cgroup where balancing is meant to be attached
   * @param unseen why that could not be asked; empty when it could
   */
  public record Hooks(Path cgroup, List<HookProgram> programs, String unseen) {
    public Hooks {
      programs = List.copyOf(programs);
    }
  }

  /**
   * A program on a hook, here or above.
   *
   * @param hook such as {@code connect4}
   * @param at the group it is attached to, as far as that is visible
   * @param owner the program and who holds it, in words
   * @param ours whether Thaw itself put it there
   */
  public record HookProgram(String hook, Path at, String owner, boolean ours, Sharing sharing) {}

  /** What an attachment lets others do. */
  public enum Sharing {
    /** Others run beside it. */
    MULTI,
    /** A group below may replace it, for itself. */
    OVERRIDE,
    /** Nobody else, neither here nor below. */
    EXCLUSIVE
  }

  /**
   * What came of loading our own objects.
   *
   * @param objects each object, and why the kernel refused it; empty texts were loaded
   * @param layouts differences between the maps in the objects and what the Java side reads
   * @param canary connects that were made through our own hooks
   */
  public record Load(Map<String, String> objects, List<String> layouts, Canary canary) {
    public Load {
      objects = Map.copyOf(objects);
      layouts = List.copyOf(layouts);
    }
  }

  /**
   * A service of one backend, attached as {@code thaw run} would, and dialled from a group below.
   *
   * @param results by hook, such as {@code connect4}: what went wrong; empty texts went right
   * @param untried why it could not be tried; empty when it was
   */
  public record Canary(Map<String, String> results, String untried) {
    public Canary {
      results = Map.copyOf(results);
    }
  }
}
