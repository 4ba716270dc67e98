package dev.thaw.bpf.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One control group: a directory of the same name in cgroup2 and, where that has no cpu controller,
 * in the v1 cpu hierarchy. Any thread.
 */
public final class Cgroup {
  /** The kernel's own default; shorter periods throttle more finely and cost more. */
  private static final int PERIOD_MICROS = 100_000;

  private final CgroupLayout layout;
  private final String name;

  private Cgroup(CgroupLayout layout, String name) {
    this.layout = layout;
    this.name = name;
  }

  /** The group of this name, such as {@code thaw/orders/orders-0}, whether it exists or not. */
  public static Cgroup of(CgroupLayout layout, String name) {
    return new Cgroup(layout, name);
  }

  /** Names of the groups right below the hierarchies' roots that begin so, in order. */
  public static List<String> named(CgroupLayout layout, String prefix) {
    var names = new TreeSet<String>();
    layout.unified().ifPresent(root -> names.addAll(named(root, prefix)));
    layout.v1Cpu().ifPresent(root -> names.addAll(named(root, prefix)));
    return List.copyOf(names);
  }

  static List<String> named(Path root, String prefix) {
    try (var entries = Files.list(root)) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of(); // not ours to read: then nothing of ours is there
    }
  }

  /**
   * Makes it, with everything above it.
   *
   * @throws UncheckedIOException when the machine does not let us
   */
  public Cgroup create() {
    try {
      for (Path folder : folders()) {
        Files.createDirectories(folder);
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets its processes use so many thousandths of a core, together. */
  public void limitCpu(int millicores) {
    long quota = (long) millicores * PERIOD_MICROS / 1000;
    try {
      if (layout.v1Cpu().isPresent()) {
        Path folder = layout.v1Cpu().get().resolve(name);
        Files.writeString(folder.resolve("cpu.cfs_period_us"), "" + PERIOD_MICROS);
        Files.writeString(folder.resolve("cpu.cfs_quota_us"), "" + quota);
      } else {
        delegateCpu();
        Files.writeString(unified().resolve("cpu.max"), quota + " " + PERIOD_MICROS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In cgroup2 a controller works in a group only when every group above hands it down. */
  private void delegateCpu() throws IOException {
    Path folder = layout.unified().orElseThrow();
    for (Path part : Path.of(name)) {
      Files.writeString(folder.resolve("cgroup.subtree_control"), "+cpu");
      folder = folder.resolve(part);
    }
  }

  private Path unified() {
    return layout.unified().orElseThrow().resolve(name);
  }

  /** The files a process writes its pid to in order to join. */
  public List<Path> joinFiles() {
    return folders().stream().map(folder -> folder.resolve("cgroup.procs")).toList();
  }

  private List<Path> folders() {
    var folders = new ArrayList<Path>();
    layout.unified().ifPresent(root -> folders.add(root.resolve(name)));
    layout.v1Cpu().ifPresent(root -> folders.add(root.resolve(name)));
    return folders;
  }

  /** Its folder in cgroup2; empty where there is no cgroup2. */
  public Optional<Path> unifiedFolder() {
    return layout.unified().map(root -> root.resolve(name));
  }

  /** The id kernel events carry for it; 0 where there is no cgroup2. */
  public long unifiedId() {
    return layout.unified().map(root -> inode(root.resolve(name))).orElse(0L);
  }

  /** The id in the v1 cpu hierarchy; 0 where there is none. */
  public long v1Id() {
    return layout.v1Cpu().map(root -> inode(root.resolve(name))).orElse(0L);
  }

  private static long inode(Path folder) {
    try {
      return (Long) Files.getAttribute(folder, "unix:ino");
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * The container it belongs to, by its path in cgroup2, else in the v1 hierarchy; empty outside of
   * one, and inside one whose namespace hides the path.
   */
  public Optional<ContainerCgroup> container() {
    return layout
        .unified()
        .flatMap(mounted -> ContainerCgroup.parse(layout.unifiedRoot() + "/" + name))
        .or(
            () ->
                layout
                    .v1Cpu()
                    .flatMap(mounted -> ContainerCgroup.parse(layout.v1Root() + "/" + name)));
  }

  /** What it has had of the processors so far. */
  public CpuStat cpuStat() {
    var stat = CpuStat.NONE;
    for (Path folder : folders()) {
      try {
        stat = stat.or(CpuStat.parse(Files.readAllLines(folder.resolve("cpu.stat"))));
      } catch (IOException e) {
        continue; // no such file in this hierarchy, or removed
      }
    }
    return stat;
  }

  /**
   * The processes in it that have a pid here. The kernel shows one of another pid namespace as 0,
   * which to kill(2) is the caller's own process group.
   */
  public List<Integer> pids() {
    var pids = new TreeSet<Integer>();
    for (Path procs : joinFiles()) {
      try {
        Files.readAllLines(procs).stream()
            .map(Integer::parseInt)
            .filter(pid -> pid > 0)
            .forEach(pids::add);
      } catch (IOException e) {
        continue; // not made, or removed: nobody is in it
      }
    }
    return List.copyOf(pids);
  }

  /** Removes it; its processes must be gone. False when the kernel still says it is in use. */
  public boolean delete() {
    boolean all = true;
    for (Path folder : folders()) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        all = false;
      }
    }
    return all;
  }

  /** Removes it and the groups one level below; returns the folders that are still in use. */
  public List<Path> deleteAll() {
    var busy = new ArrayList<Path>();
    for (Path folder : folders()) {
      for (Path each : below(folder)) {
        try {
          Files.deleteIfExists(each);
        } catch (IOException e) {
          busy.add(each);
        }
      }
    }
    return busy;
  }

  /** The groups below, then this one. */
  private static List<Path> below(Path folder) {
    try (var entries = Files.list(folder)) {
      var all = new ArrayList<>(entries.filter(Files::isDirectory).toList());
      all.add(folder);
      return all;
    } catch (IOException e) {
      return List.of(); // it was never made
    }
  }
}
