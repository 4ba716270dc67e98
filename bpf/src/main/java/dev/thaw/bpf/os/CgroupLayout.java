package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where this machine keeps its control groups.
 *
 * @param unified the cgroup2 hierarchy; empty on a pure v1 machine
 * @param v1Cpu the v1 hierarchy that has the cpu controller; empty where cgroup2 has it
 * @param unifiedCpu whether cgroup2 has the cpu controller
 * @param unifiedRoot the group that is mounted at {@code unified}: in a container often its own
 * @param v1Root the group that is mounted at {@code v1Cpu}
 */
public record CgroupLayout(
    Optional<Path> unified,
    Optional<Path> v1Cpu,
    boolean unifiedCpu,
    String unifiedRoot,
    String v1Root) {

  /** Of whole hierarchies. */
  public CgroupLayout(Optional<Path> unified, Optional<Path> v1Cpu, boolean unifiedCpu) {
    this(unified, v1Cpu, unifiedCpu, "/", "/");
  }

  /** Whether this folder is a group of cgroup2; those of v1 look alike. */
  public static boolean isUnified(Path folder) {
    return Files.isDirectory(folder) && FileSystemType.CGROUP2.isAt(folder);
  }

  /** As this machine is now. */
  public static CgroupLayout detect() {
    try {
      List<String> mounts = Files.readAllLines(Path.of("/proc/self/mountinfo"));
      var layout = parse(mounts, "");
      String controllers =
          layout.unified().isPresent()
              ? Files.readString(layout.unified().get().resolve("cgroup.controllers"))
              : "";
      return parse(mounts, controllers);
    } catch (IOException e) {
      return new CgroupLayout(Optional.empty(), Optional.empty(), false);
    }
  }

  /**
   * From the lines of {@code /proc/self/mountinfo} and cgroup2's {@code cgroup.controllers}. Of
   * several mounts of a hierarchy the first counts.
   */
  static CgroupLayout parse(List<String> mountinfo, String controllers) {
    Optional<Path> unified = Optional.empty();
    Optional<Path> v1Cpu = Optional.empty();
    String unifiedRoot = "/";
    String v1Root = "/";
    for (String line : mountinfo) {
      int dash = line.indexOf(" - ");
      String[] mount = line.split(" ");
      if (dash < 0 || mount.length < 5) {
        continue;
      }
      String[] type = line.substring(dash + 3).split(" ");
      if (type[0].equals("cgroup2") && unified.isEmpty()) {
        unified = Optional.of(Path.of(mount[4]));
        unifiedRoot = mount[3];
      } else if (type[0].equals("cgroup")
          && type.length > 2
          && v1Cpu.isEmpty()
          && Arrays.asList(type[2].split(",")).contains("cpu")) {
        v1Cpu = Optional.of(Path.of(mount[4]));
        v1Root = mount[3];
      }
    }
    return new CgroupLayout(
        unified,
        v1Cpu,
        Arrays.asList(controllers.strip().split(" ")).contains("cpu"),
        unifiedRoot,
        v1Root);
  }
}
