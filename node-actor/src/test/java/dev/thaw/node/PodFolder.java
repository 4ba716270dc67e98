package dev.thaw.node;

import dev.thaw.bpf.os.CgroupLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A folder that stands in for a pod's control group. Who is in it stands in a file that only the
 * test and the processes themselves write.
 */
record PodFolder(Path root) {
  static final String PARENT = "thaw";

  PodGroups groups() {
    return new PodGroups(Optional.of(layout()), PARENT);
  }

  CgroupLayout layout() {
    return new CgroupLayout(Optional.of(root), Optional.empty(), true);
  }

  Path of(String podName) {
    return root.resolve(PARENT).resolve(podName);
  }

  Path members(String podName) {
    return of(podName).resolve("cgroup.procs");
  }

  void put(String podName, long... pids) throws IOException {
    Files.createDirectories(of(podName));
    var lines = new StringBuilder();
    for (long pid : pids) {
      lines.append(pid).append('\n');
    }
    Files.writeString(members(podName), lines);
  }

  /** Whether a process runs; one that is only to be reaped does not. */
  static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException e) {
      return false;
    }
  }
}
