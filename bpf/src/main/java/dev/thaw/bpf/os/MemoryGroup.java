package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The memory limit of a control group: in the v1 memory hierarchy where there is one, else in
 * cgroup2, where the group is the one of the same name that {@link Cgroup} makes. Any thread.
 */
public final class MemoryGroup {
  private final Path root;
  private final boolean v1;
  private final String name;

  private MemoryGroup(Path root, boolean v1, String name) {
    this.root = root;
    this.v1 = v1;
    this.name = name;
  }

  /** Where this machine limits memory; empty when it does not. */
  public static Optional<MemoryGroup> of(String name) {
    try {
      Optional<Path> v1 = v1Root(Files.readAllLines(Path.of("/proc/self/mountinfo")));
      if (v1.isPresent()) {
        return Optional.of(new MemoryGroup(v1.get(), true, name));
      }
      Optional<Path> unified = CgroupLayout.detect().unified();
      return unified.isPresent()
              && Files.readString(unified.get().resolve("cgroup.controllers")).contains("memory")
          ? Optional.of(new MemoryGroup(unified.get(), false, name))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Names of the groups right below the v1 memory hierarchy's root that begin so; those of cgroup2
   * are {@link Cgroup#named}.
   */
  public static List<String> named(String prefix) {
    try {
      return v1Root(Files.readAllLines(Path.of("/proc/self/mountinfo")))
          .map(root -> Cgroup.named(root, prefix))
          .orElse(List.of());
    } catch (IOException e) {
      return List.of();
    }
  }

  static Optional<Path> v1Root(List<String> mountinfo) {
    for (String line : mountinfo) {
      int dash = line.indexOf(" - cgroup ");
      String[] mount = line.split(" ");
      if (dash > 0
          && Arrays.asList(line.substring(line.lastIndexOf(' ') + 1).split(","))
              .contains("memory")) {
        return Optional.of(Path.of(mount[4]));
      }
    }
    return Optional.empty();
  }

  /**
   * Makes the group and lets its processes have so many bytes together.
   *
   * @throws IOException when the machine does not let us
   */
  public void limit(long bytes) throws IOException {
    if (v1) {
      Files.createDirectories(folder());
      Files.writeString(folder().resolve("memory.limit_in_bytes"), "" + bytes);
      return;
    }
    Path above = root;
    for (Path part : Path.of(name)) {
      Files.writeString(above.resolve("cgroup.subtree_control"), "+memory");
      above = above.resolve(part);
      Files.createDirectories(above);
    }
    Files.writeString(folder().resolve("memory.max"), "" + bytes);
  }

  /** What a process writes its pid to beside {@link Cgroup#joinFiles}. */
  public List<Path> joinFiles() {
    return v1 ? List.of(folder().resolve("cgroup.procs")) : List.of();
  }

  /** How often a process of the group was killed for want of memory; empty where nobody counts. */
  public OptionalLong kills() {
    try {
      return Files.readAllLines(folder().resolve(v1 ? "memory.oom_control" : "memory.events"))
          .stream()
          .filter(line -> line.startsWith("oom_kill "))
          .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length()).strip()))
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** The most it ever had, in bytes; empty where nobody counts. */
  public OptionalLong peak() {
    try {
      return OptionalLong.of(
          Long.parseLong(
              Files.readString(folder().resolve(v1 ? "memory.max_usage_in_bytes" : "memory.peak"))
                  .strip()));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Removes it; false when it is still in use. The cgroup2 folder is {@link Cgroup}'s to remove.
   */
  public boolean delete() {
    try {
      if (v1) {
        Files.deleteIfExists(folder());
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Path folder() {
    return root.resolve(name);
  }
}
