package dev.thaw.bpf.preflight;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was found on a machine, before anybody has judged it.
 *
 * @param release of the kernel, such as {@code 6.1.0-18-amd64}; empty when it cannot be read
 * @param btf whether the kernel shows its types at {@code /sys/kernel/btf/vmlinux}
 * @param lockdown the mode in force, none on a kernel without any; empty where it is not to be seen
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
   * @param cpuUnmounted where it is not: the controllers, comma-separated, of a v1 hierarchy that
   *     has it and is not mounted; empty when there is none
   * @param unwritable the first hierarchy we use in which we cannot make groups of our own
   * @param classifiers the v1 controllers that class sockets, and whether each is mounted
   */
  public record Cgroups(
      Optional<Path> cgroup2,
      boolean cpu,
      Optional<String> cpuUnmounted,
      Optional<Unwritable> unwritable,
      Map<String, Boolean> classifiers) {
    public Cgroups {
      classifiers = Map.copyOf(classifiers);
    }
  }

  /**
   * A folder we cannot write to.
   *
   * @param readOnly whether nobody can, by its mount
   * @param why as the kernel says it
   */
  public record Unwritable(Path at, boolean readOnly, String why) {}

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
   * @param detail all that was said of the refusals, line by line
   * @param layouts differences between the maps in the objects and what the Java side reads
   * @param canary connects that were made through our own hooks
   */
  public record Load(
      Map<String, String> objects, String detail, List<String> layouts, Canary canary) {
    public Load {
      objects = Map.copyOf(objects);
      layouts = List.copyOf(layouts);
    }

    /** Whether the kernel refused none. */
    boolean whole() {
      return objects.values().stream().allMatch(String::isEmpty);
    }
  }

  /**
   * A service of one backend, attached as {@code thaw run} would, and dialled from a group below.
   *
   * @param address what was dialled
   * @param results by hook, such as {@code connect4}
   * @param untried why it could not be tried; empty when it was
   * @param loopback whether the loopback interface is up, without which nothing is dialled
   */
  public record Canary(
      InetSocketAddress address, Map<String, Dialled> results, String untried, boolean loopback) {
    public Canary {
      results = Map.copyOf(results);
    }
  }

  /**
   * What came of one hook.
   *
   * @param words what went wrong; empty when it went right
   */
  public record Dialled(Outcome outcome, String words) {}

  /** Where a canary's connect ended. */
  public enum Outcome {
    /** At our backend, and it shows the address that was dialled. */
    ARRIVED,
    /** Somewhere else. */
    ELSEWHERE,
    /** Nowhere: somebody's program, or a security module, said no. */
    DENIED,
    /** Nowhere, for another reason. */
    FAILED
  }
}
